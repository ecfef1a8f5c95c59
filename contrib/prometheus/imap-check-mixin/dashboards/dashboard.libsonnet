// SPDX-License-Identifier: GPL-3.0-or-later
// One page: what is wrong now, the phases stacked with the failing one in red, then certificates and mailboxes.
{
  local config = $._config,

  local datasource = { type: 'prometheus', uid: '${datasource}' },
  local chosen = std.join(', ', [
    m
    for m in [config.imapCheckSelector, 'instance=~"$instance"', 'target=~"$target"', 'mailbox=~"$mailbox"']
    if m != ''
  ]),
  local series(name) = 'imap_check_%s{%s}' % [name, chosen],
  local labels = config.imapCheckLabels,

  // The phases in which a session broke off, once each.
  local failing = 'max by (%s, phase) (imap_check_problem_info{%s, class!~"altered|policy|thresholds"})' % [labels, chosen],
  local durations = series('phase_duration_seconds'),

  local query(expr, legend, more={}) = {
    datasource: datasource,
    expr: expr,
    legendFormat: legend,
  } + more,
  local instant = { instant: true, range: false, format: 'table' },

  local panel(kind, title, place, targets, description='') = {
    type: kind,
    title: title,
    description: description,
    datasource: datasource,
    gridPos: place,
    targets: [targets[i] { refId: std.char(65 + i) } for i in std.range(0, std.length(targets) - 1)],
    fieldConfig: { defaults: {}, overrides: [] },
    options: {},
  },
  local at(x, y, w, h) = { x: x, y: y, w: w, h: h },

  local states = [{
    type: 'value',
    options: {
      '0': { text: 'OK', color: 'green', index: 0 },
      '1': { text: 'WARNING', color: 'yellow', index: 1 },
      '2': { text: 'CRITICAL', color: 'red', index: 2 },
      '3': { text: 'UNKNOWN', color: 'purple', index: 3 },
    },
  }],
  local steps(list) = { mode: 'absolute', steps: [{ color: s[0], value: s[1] } for s in list] },

  local colour(name, value) = {
    matcher: { id: 'byName', options: name },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: value } }],
  },

  local timeline =
    panel('state-timeline', 'State', at(0, 0, 24, 5), [query(series('state'), '{{target}} {{mailbox}}')],
          'What the check made of each session.') + {
      fieldConfig: { defaults: { mappings: states, color: { mode: 'thresholds' }, custom: { fillOpacity: 80 } }, overrides: [] },
      options: { showValue: 'never', mergeValues: true, rowHeight: 0.8, legend: { showLegend: true, placement: 'bottom' } },
    },

  local problems =
    panel('table', 'What is wrong now', at(0, 5, 12, 6), [query(series('problem_info'), '', instant)],
          'The class is a heading of the runbook. Nothing here: all is well.') + {
      fieldConfig: {
        defaults: {},
        overrides: [{
          matcher: { id: 'byName', options: 'class' },
          properties: [{
            id: 'links',
            value: [{ title: 'Runbook', url: config.runbookURL + '#${__value.text}', targetBlank: true }],
          }],
        }],
      },
      transformations: [{
        id: 'organize',
        options: { excludeByName: { Time: true, Value: true, __name__: true, job: true } },
      }],
    },

  local unusual =
    panel('bargauge', 'Phases now, as a multiple of their median of last week', at(12, 5, 12, 6), [
      query('%s / on (%s, phase) target_phase:imap_check_phase_duration_seconds:median7d' % [durations, labels],
            '{{target}} {{phase}}', { instant: true, range: false }),
    ]) + {
      fieldConfig: { defaults: { unit: 'none', decimals: 1, min: 0, thresholds: steps([['green', null], ['orange', config.phaseFactor]]) }, overrides: [] },
      options: { orientation: 'horizontal', displayMode: 'basic', reduceOptions: { calcs: ['lastNotNull'], values: false } },
    },

  local phases =
    panel('timeseries', 'Phases of a session, stacked', at(0, 11, 24, 10), [
      query('sum by (phase) (%s unless on (%s, phase) %s)' % [durations, labels, failing], '{{phase}}'),
      query('sum by (phase) (%s and on (%s, phase) %s)' % [durations, labels, failing], 'failed in {{phase}}'),
    ], 'The height is the time a user waits. Red is the phase in which the session broke off. Choose one target.') + {
      fieldConfig: {
        defaults: {
          unit: 's',
          min: 0,
          custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 70, lineInterpolation: 'stepAfter', showPoints: 'never', stacking: { mode: 'normal', group: 'A' } },
        },
        overrides: [colour(p[0], p[1]) for p in config.phases] + [{
          matcher: { id: 'byRegexp', options: '/^failed in /' },
          properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: config.failedColour } }],
        }],
      },
      options: { legend: { displayMode: 'table', placement: 'right', showLegend: true, calcs: ['lastNotNull', 'max'] }, tooltip: { mode: 'multi', sort: 'desc' } },
    },

  local certificates =
    panel('bargauge', 'Certificates: days left', at(0, 21, 12, 7), [
      query('(%s - time()) / 86400' % series('certificate_not_after_timestamp_seconds'), '{{target}}', { instant: true, range: false }),
    ]) + {
      fieldConfig: {
        defaults: {
          unit: 'none',
          decimals: 1,
          min: 0,
          max: 90,
          thresholds: steps([['red', null], ['orange', config.certificateCriticalDays], ['green', config.certificateWarningDays]]),
        },
        overrides: [],
      },
      options: { orientation: 'horizontal', displayMode: 'basic', reduceOptions: { calcs: ['lastNotNull'], values: false } },
    },

  local graph(title, place, targets, unit) =
    panel('timeseries', title, place, targets) + {
      fieldConfig: { defaults: { unit: unit, min: 0, custom: { drawStyle: 'line', fillOpacity: 10, showPoints: 'never' } }, overrides: [] },
    },

  local rest = [
    graph('Age of what is known', at(12, 21, 12, 7), [query('time() - ' + series('run_timestamp_seconds'), '{{target}} {{mailbox}}')], 's'),
    graph('Messages', at(0, 28, 8, 7), [query(series('messages'), '{{mailbox}} messages'), query(series('unseen_messages'), '{{mailbox}} unseen')], 'short'),
    graph('Since the newest message', at(8, 28, 8, 7), [query('time() - ' + series('newest_message_timestamp_seconds'), '{{target}} {{mailbox}}')], 's'),
    graph('Quota used', at(16, 28, 8, 7), [query(series('quota_used_ratio'), '{{target}} {{resource}}')], 'percentunit'),
    graph('Told to the other session', at(0, 35, 12, 7), [query(series('idle_duration_seconds'), 'new message'), query(series('flags_duration_seconds'), 'new flag')], 's'),
    graph('Sessions that went well, of the last day', at(12, 35, 12, 7), [query('target:imap_check_success:avg1d{%s}' % chosen, '{{target}} {{mailbox}}')], 'percentunit'),
  ],

  local variable(name) = {
    name: name,
    type: 'query',
    datasource: datasource,
    query: { query: 'label_values(imap_check_state{%s}, %s)' % [config.imapCheckSelector, name], refId: name },
    refresh: 2,
    includeAll: true,
    allValue: '.*',
    multi: true,
    current: { text: 'All', value: '$__all' },
    sort: 1,
  },

  grafanaDashboards+:: {
    'imap-check.json': {
      uid: config.dashboardUid,
      title: 'IMAP sessions',
      tags: config.dashboardTags,
      timezone: 'default',
      editable: true,
      graphTooltip: 1,
      schemaVersion: 37,
      version: 1,
      refresh: '1m',
      time: { from: 'now-6h', to: 'now' },
      __inputs: [],
      __requires: [
        { type: 'grafana', id: 'grafana', name: 'Grafana', version: '9.0.0' },
        { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
      ],
      templating: {
        list: [
          { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source', current: {}, hide: 0 },
        ] + [variable(name) for name in ['instance', 'target', 'mailbox']],
      },
      local all = [timeline, problems, unusual, phases, certificates] + rest,
      panels: [all[i] { id: i + 1 } for i in std.range(0, std.length(all) - 1)],
      annotations: { list: [] },
      links: [],
    },
  },
}
