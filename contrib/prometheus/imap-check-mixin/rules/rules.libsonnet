// SPDX-License-Identifier: GPL-3.0-or-later
// What a phase usually takes, and by how much it takes longer now.
local selector = import '../selector.libsonnet';
{
  local config = $._config,
  local series = selector.with(config).series,
  local phases = series('phase_duration_seconds'),

  prometheusRules+:: {
    groups+: [
      {
        // A week of samples is much to read: not at each evaluation.
        name: 'imap-check-usual.rules',
        interval: '5m',
        rules: [
          {
            record: 'target_phase:imap_check_phase_duration_seconds:median7d',
            expr: 'quantile_over_time(0.5, %s[7d])' % phases,
          },
          {
            record: 'target:imap_check_success:avg1d',
            expr: 'avg_over_time(%s[1d])' % series('success'),
          },
        ],
      },
      {
        name: 'imap-check.rules',
        rules: [
          {
            // Only sessions that are well: a phase that failed took as long as it took to fail.
            record: 'target_phase:imap_check_phase_duration_seconds:excess15m',
            expr: |||
              (
                min_over_time(%(phases)s[15m])
                  > %(phaseFactor)g * target_phase:imap_check_phase_duration_seconds:median7d
              )
              - target_phase:imap_check_phase_duration_seconds:median7d
              and on (%(imapCheckLabels)s) %(success)s == 1
            ||| % (config { phases: phases, success: series('success') }),
          },
        ],
      },
    ],
  },
}
