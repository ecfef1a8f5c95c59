// SPDX-License-Identifier: GPL-3.0-or-later
// What a site may want otherwise: { _config+:: { ... } } behind the import.
{
  _config+:: {
    // Which series are looked at; all of them, as their names belong to nobody else.
    imapCheckSelector: '',
    // The labels that make one check of one mailbox.
    imapCheckLabels: 'job, instance, target, mailbox',

    // Where RUNBOOK.md can be read; each alert adds #CLASS. Where Grafana is.
    runbookURL: 'https://www.example.org/check_imap_full/RUNBOOK.md',
    grafanaURL: 'https://grafana.example.org',

    // The check has made no session for so long. It should be some runs of the timer.
    staleSeconds: 300,
    failingFor: '2m',

    // A phase is unusual when for 15 minutes it was never shorter than so many times its median of the
    // last week, and longer than that by so many seconds.
    phaseFactor: 3,
    phaseSeconds: 0.1,
    // A session, and what is told to the other session of --sync, is slow beyond these.
    sessionSeconds: 3,
    syncSeconds: 5,

    certificateWarningDays: 20,
    certificateCriticalDays: 7,
    quotaWarningRatio: 0.8,
    quotaCriticalRatio: 0.95,
    // Only where the check measures newest_age.
    newestMessageHours: 24,

    dashboardUid: 'imap-check',
    dashboardTags: ['imap-check-mixin'],

    // The order of the journey; colours as in the Zabbix template: network, TLS, login, mailbox.
    phases: [
      ['password', '#9E9E9E'],
      ['dns', '#0D47A1'],
      ['connect', '#1E88E5'],
      ['tls', '#00897B'],
      ['greeting', '#80CBC4'],
      ['auth', '#8E24AA'],
      ['list', '#CE93D8'],
      ['quota', '#D4E157'],
      ['select', '#FBC02D'],
      ['search', '#FB8C00'],
      ['fetch', '#6D4C41'],
      ['append', '#A1887F'],
      ['sync', '#37474F'],
      ['logout', '#B0BEC5'],
    ],
    failedColour: '#E53935',
  },
}
