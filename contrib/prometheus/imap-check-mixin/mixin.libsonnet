// SPDX-License-Identifier: GPL-3.0-or-later
(import 'config.libsonnet') +
(import 'rules/rules.libsonnet') +
(import 'alerts/alerts.libsonnet') +
(import 'dashboards/dashboard.libsonnet')
