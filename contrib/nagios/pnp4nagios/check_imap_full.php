<?php
# SPDX-License-Identifier: GPL-3.0-or-later
# PNP4Nagios template for check_imap_full: the phases stacked, the total as a line on top. PNP looks for it by the name
# of the command: check_imap_full.php for Nagios, imap_full.php for Icinga 2.
$phases = array(
    "dns" => "#7f7f7f", "connect" => "#1f77b4", "tls" => "#9467bd", "greeting" => "#17becf",
    "auth" => "#d62728", "list" => "#bcbd22", "quota" => "#8c564b", "select" => "#2ca02c",
    "search" => "#e377c2", "fetch" => "#ff7f0e", "append" => "#aec7e8", "sync" => "#ffbb78",
    "logout" => "#c7c7c7",
);
$found = array_flip($NAME);
$ds_name[1] = "Phases";
$opt[1] = "--vertical-label seconds --lower-limit 0 --title \"$hostname / $servicedesc\"";
$def[1] = "";
foreach ($phases as $phase => $colour) {
    if (!isset($found[$phase])) {
        continue;
    }
    $i = $found[$phase];
    $label = sprintf("%-9s", $phase);
    # A phase that was not reached is unknown; it must not empty the stack above it.
    $def[1] .= "DEF:raw$i={$RRDFILE[$i]}:{$DS[$i]}:AVERAGE CDEF:v$i=raw$i,UN,0,raw$i,IF ";
    $def[1] .= "AREA:v$i$colour:\"$label\":STACK ";
    $def[1] .= "GPRINT:raw$i:LAST:\"last %7.3lf s\" GPRINT:raw$i:AVERAGE:\"average %7.3lf s\" ";
    $def[1] .= "GPRINT:raw$i:MAX:\"max %7.3lf s\\l\" ";
}
if (isset($found["total"])) {
    $i = $found["total"];
    $def[1] .= "DEF:total={$RRDFILE[$i]}:{$DS[$i]}:AVERAGE LINE1:total#000000:\"total    \" ";
    $def[1] .= "GPRINT:total:LAST:\"last %7.3lf s\" GPRINT:total:AVERAGE:\"average %7.3lf s\" ";
    $def[1] .= "GPRINT:total:MAX:\"max %7.3lf s\\l\" ";
}
