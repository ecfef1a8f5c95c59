// SPDX-License-Identifier: GPL-3.0-or-later
// One fault, one alert: a check that is stale or fails keeps all others of it quiet.
local selector = import '../selector.libsonnet';
{
  local config = $._config,
  local series = selector.with(config).series,

  local where = '{{ $labels.target }}{{ with $labels.mailbox }} {{ . }}{{ end }} (seen from {{ $labels.instance }})',

  // The latest that was heard of each check, also of one whose file is gone: of the last day.
  local age = 'time() - max by (%s) (max_over_time(%s[1d]))' % [
    config.imapCheckLabels,
    series('run_timestamp_seconds'),
  ],
  local fresh = '%s <= %d' % [age, config.staleSeconds],

  // `expr`, but only of checks that are fresh and, where they have to be well, well.
  local ofFresh(expr) = '%s\nand on (%s) (%s)' % [expr, config.imapCheckLabels, fresh],
  local ofGood(expr) = ofFresh('%s\nand on (%s) %s == 1' % [expr, config.imapCheckLabels, series('success')]),

  // Classes that say that the check could not do its work.
  local broken = 'usage|internal',
  // What the check takes for worth a warning, unless told otherwise.
  local mild = 'altered|policy|thresholds',

  // The class of the failure, asked for when the alert is written: as a label it would make a new alert
  // whenever it changes.
  local failure(template) =
    '{{ with printf "imap_check_problem_info{class!~\'%s\',job=\'%%s\',instance=\'%%s\',target=\'%%s\',mailbox=\'%%s\'}" ' % mild
    + '$labels.job $labels.instance $labels.target $labels.mailbox | query }}{{ with . | first }}%s{{ end }}{{ end }}' % template,
  local failureClass = failure('{{ .Labels.class }}'),
  local failurePhase = failure('{{ .Labels.class }} in phase {{ .Labels.phase }}'),

  local alert(name, severity, expr, holds, class, summary, description) = {
    alert: name,
    expr: expr,
    [if holds != null then 'for']: holds,
    labels: { severity: severity },
    annotations: {
      summary: summary,
      description: description,
      runbook_url: '%s#%s' % [config.runbookURL, class],
      dashboard_url: '%s/d/%s?var-target={{ $labels.target }}' % [config.grafanaURL, config.dashboardUid],
    },
  },

  local broke = '%s == 0\nand on (%s) %s' % [
    series('success'),
    config.imapCheckLabels,
    series('problem_info', 'class=~"%s"' % broken),
  ],
  local failed = '%s == 0\nunless on (%s) %s' % [
    series('success'),
    config.imapCheckLabels,
    series('problem_info', 'class=~"%s"' % broken),
  ],

  // Where the graver alert takes over, the milder one ends.
  local certificateLeft = '(%s - time()) / 86400' % series('certificate_not_after_timestamp_seconds'),
  local between(expr, from, to) = '(%s) < %g\nand (%s) >= %g' % [expr, to, expr, from],
  local quota = series('quota_used_ratio'),

  prometheusAlerts+:: {
    groups+: [
      {
        name: 'imap-check',
        rules: [
          alert(
            'ImapCheckFailing',
            'critical',
            ofFresh(failed),
            config.failingFor,
            failureClass,
            'IMAP users cannot work.',
            'The session at ' + where + ' fails: ' + failurePhase + '. The whole sentence is in the journal of '
            + 'the unit check-imap-full@ there.'
          ),
          alert(
            'ImapCheckBroken',
            'warning',
            ofFresh(broke),
            config.failingFor,
            failureClass,
            'An IMAP check cannot do its work.',
            'Nothing is known of ' + where + ': ' + failurePhase + '. The whole sentence is in the journal of the '
            + 'unit check-imap-full@ there.'
          ),
          alert(
            'ImapCheckStale',
            'warning',
            '%s > %d' % [age, config.staleSeconds],
            null,
            'internal',
            'An IMAP check has stopped.',
            'The check of ' + where + ' has told nothing for {{ $value | humanizeDuration }}. Look at '
            + 'check-imap-full@.timer and the node exporter there.'
          ),
          alert(
            'ImapCheckWarning',
            'warning',
            // Also a failure that --state makes a warning of; what it makes OK is none.
            ofGood('%s\nand on (%s) %s > 0' % [
              series('problem_info', 'phase!="cert_days"'),
              config.imapCheckLabels,
              series('state'),
            ]),
            '5m',
            '{{ $labels.class }}',
            'An IMAP check has something to say.',
            'At ' + where + ': {{ $labels.class }} in {{ $labels.phase }}.'
          ),
          alert(
            'ImapCheckSlowPhase',
            'warning',
            ofGood('target_phase:imap_check_phase_duration_seconds:excess15m > %g' % config.phaseSeconds),
            null,
            'thresholds',
            'A phase of IMAP sessions takes much longer than usual.',
            'At ' + where + ' the phase {{ $labels.phase }} takes {{ $value | humanizeDuration }} more than its '
            + 'median of the last week, and has for 15 minutes.'
          ),
          alert(
            'ImapCheckSlow',
            'warning',
            ofGood('%s > %g\nunless on (%s) target_phase:imap_check_phase_duration_seconds:excess15m > %g' % [
              series('duration_seconds'),
              config.sessionSeconds,
              config.imapCheckLabels,
              config.phaseSeconds,
            ]),
            '10m',
            'thresholds',
            'IMAP sessions are slow.',
            'A session at ' + where + ' takes {{ $value | humanizeDuration }}, and no single phase is to blame.'
          ),
          alert(
            'ImapCheckSlowSync',
            'warning',
            ofGood('(\n  %s > %g\n  or %s > %g\n)' % [
              series('idle_duration_seconds'),
              config.syncSeconds,
              series('flags_duration_seconds'),
              config.syncSeconds,
            ]),
            '10m',
            'thresholds',
            'IMAP users see changes late.',
            'At ' + where + ' a change in one session is told to the other after {{ $value | humanizeDuration }}.'
          ),
          alert(
            'ImapCheckCertificateExpiringSoon',
            'warning',
            ofGood(between(certificateLeft, config.certificateCriticalDays, config.certificateWarningDays)),
            '10m',
            'certificate',
            'The certificate of an IMAP server expires soon.',
            'That of ' + where + ' has {{ $value | printf "%.1f" }} days left. Mail clients refuse to connect when it ends.'
          ),
          alert(
            'ImapCheckCertificateExpiringSoon',
            'critical',
            ofGood('(%s) < %g' % [certificateLeft, config.certificateCriticalDays]),
            '10m',
            'certificate',
            'The certificate of an IMAP server expires very soon.',
            'That of ' + where + ' has {{ $value | printf "%.1f" }} days left. Mail clients refuse to connect when it ends.'
          ),
          alert(
            'ImapCheckMailboxStale',
            'warning',
            ofGood('time() - %s > %d' % [series('newest_message_timestamp_seconds'), config.newestMessageHours * 3600]),
            '10m',
            'thresholds',
            'Mail has stopped arriving.',
            'The newest message at ' + where + ' is {{ $value | humanizeDuration }} old. Look at what delivers the mail.'
          ),
          alert(
            'ImapCheckQuotaAlmostFull',
            'warning',
            ofGood(between(quota, config.quotaWarningRatio, config.quotaCriticalRatio)),
            '10m',
            'thresholds',
            'A mailbox is filling.',
            'At ' + where + ' {{ $value | humanizePercentage }} of the quota ({{ $labels.resource }}) are used.'
          ),
          alert(
            'ImapCheckQuotaAlmostFull',
            'critical',
            ofGood('%s >= %g' % [quota, config.quotaCriticalRatio]),
            '10m',
            'thresholds',
            'A mailbox is nearly full.',
            'At ' + where + ' {{ $value | humanizePercentage }} of the quota ({{ $labels.resource }}) are used: '
            + 'mail is refused when it is all.'
          ),
          alert(
            'ImapCheckUidvalidityChanged',
            'warning',
            ofGood('changes(%s[1h]) > 0' % series('uidvalidity')),
            null,
            'thresholds',
            'An IMAP mailbox was recreated, restored or moved.',
            'UIDVALIDITY of ' + where + ' has changed: mail clients download it anew.'
          ),
        ],
      },
    ],
  },
}
