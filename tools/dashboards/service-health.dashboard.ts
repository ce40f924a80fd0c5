import type { Dashboard } from './dashboard.ts';
import { alertRunbookLink } from './links.ts';
import { statPanel, tablePanel, timeSeriesPanel } from './panels.ts';
import { metric, metricNow, metricRows, metricWithTraces, orNone, sqlRows } from './queries.ts';

const now = {
  height: 5,
  panels: [
    statPanel({
      title: 'Services down',
      description: 'Scrape targets that do not answer. Two minutes of it page.',
      runbook: 'ServiceDown',
      unit: 'short',
      query: metricNow('count(up{job=~"$service"} == 0) or vector(0)', 'down'),
      bounds: { warn: 1, bad: 1 },
    }),
    statPanel({
      title: 'Alerts firing',
      description: 'Of Prometheus; those of severity critical have paged.',
      unit: 'short',
      query: metricNow('count(ALERTS{alertstate="firing"}) or vector(0)', 'firing'),
      bounds: { warn: 1, bad: 3 },
    }),
    statPanel({
      title: 'Open incidents',
      description: 'Of the monitoring service: publish latency, stuck ideas, backlogs, listings.',
      runbook: 'PublishLatencyAboveAgreement',
      unit: 'short',
      query: sqlRows('SELECT count(*) AS incidents FROM monitoring.open_incidents'),
      bounds: { warn: 1, bad: 2 },
    }),
    statPanel({
      title: 'Gateway: failed requests, 1 h',
      description: 'Share of the requests that were answered with a 5xx. The objective leaves 0.5 %.',
      runbook: 'GatewayAvailabilityBurnsFast',
      unit: 'percentunit',
      query: metricNow('slo:gateway_availability:error_ratio_1h or vector(0)', 'failed'),
      bounds: { warn: 0.005, bad: 0.072 },
    }),
    statPanel({
      title: 'Errors reported, 1 h',
      description: 'Unexpected errors of all services: each is in the error tracker with its trace.',
      unit: 'short',
      query: metricNow('sum(increase(errors_reported_total{job=~"$service"}[1h])) or vector(0)', 'errors'),
      bounds: { warn: 1, bad: 10 },
    }),
    statPanel({
      title: 'Restarts, 1 h',
      description: 'Starts of processes that were seen by Prometheus.',
      runbook: 'ServiceRestarting',
      unit: 'short',
      query: metricNow('sum(changes(process_start_time_seconds{job=~"$service"}[1h]))', 'restarts'),
      bounds: { warn: 1, bad: 3 },
    }),
  ],
};

const wrong = {
  height: 8,
  panels: [
    tablePanel({
      title: 'Alerts that fire',
      description: 'The name leads to the runbook.',
      query: metricRows(
        orNone('sum by (alertname, severity, service) (ALERTS{alertstate="firing"})', [
          'alertname',
          'severity',
          'service',
        ]),
      ),
      columns: {
        alertname: { label: 'Alert', link: alertRunbookLink },
        Value: { label: 'Firing' },
        Time: { hidden: true },
      },
    }),
    tablePanel({
      title: 'Incidents that are open',
      description: 'Worst and oldest first; acknowledge them at the monitoring service or at PagerDuty.',
      runbook: 'PublishLatencyAboveAgreement',
      query: sqlRows(`
        SELECT time, severity, condition, subject, state, summary, acknowledged_by FROM (
          SELECT time, severity, condition, subject, state, summary, acknowledged_by FROM monitoring.open_incidents
          UNION ALL SELECT now(), 'none', 'none', NULL, 'all is well', NULL, NULL
          WHERE NOT EXISTS (SELECT FROM monitoring.open_incidents)
        ) incidents
        ORDER BY array_position(ARRAY['critical', 'error', 'warning', 'info'], severity), time LIMIT 50`),
      columns: {
        time: { label: 'Since' },
        severity: { label: 'Severity' },
        condition: { label: 'Condition' },
        subject: { label: 'Subject' },
        state: { label: 'State' },
        summary: { label: 'Summary' },
        acknowledged_by: { label: 'Acknowledged by' },
      },
    }),
  ],
};

const ups = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Up',
      description:
        'One while the service answers the scrapes of Prometheus; a gap means that Prometheus itself was away.',
      runbook: 'ServiceDown',
      unit: 'short',
      draw: 'steps',
      max: 1,
      queries: [metric('min by (job) (up{job=~"$service"})', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Health checks',
      description: 'One while the check of a dependency passes.',
      runbook: 'ServiceDown',
      unit: 'short',
      draw: 'steps',
      max: 1,
      queries: [metric('min by (job, check) (health_check_up{job=~"$service"})', '{{job}} {{check}}')],
    }),
    timeSeriesPanel({
      title: 'As monitoring sees it',
      description: 'One while the last sample of a service by the monitoring service worked.',
      runbook: 'MonitoringAbsent',
      unit: 'short',
      draw: 'steps',
      max: 1,
      queries: [metric('min by (target) (signalpress_sampled_service_up{target=~"$service"})', '{{target}}')],
    }),
  ],
};

const requests = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Requests by route',
      description: 'Per second.',
      unit: 'reqps',
      queries: [
        metric(
          'sum by (job, method, route) (job_route:http_requests:rate5m{job=~"$service"})',
          '{{job}} {{method}} {{route}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Failed requests by route',
      description: 'Share of the requests that were answered with a 5xx.',
      runbook: 'GatewayAvailabilityBurnsFast',
      unit: 'percentunit',
      queries: [
        metric(
          orNone(
            'sum by (job, route) (job_route:http_errors:rate5m{job=~"$service"}) / sum by (job, route) (job_route:http_requests:rate5m{job=~"$service"} > 0)',
            ['job'],
          ),
          '{{job}} {{route}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Time of requests by route, p95',
      description: 'The points lead to traces.',
      runbook: 'GatewayLatencyBurnsFast',
      unit: 's',
      queries: [
        metricWithTraces(
          'histogram_quantile(0.95, sum by (job, route, le) (rate(http_server_request_duration_seconds_bucket{job=~"$service"}[$__rate_interval])))',
          '{{job}} {{route}}',
        ),
      ],
    }),
  ],
};

const events = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Events by topic',
      description: 'Handled per second.',
      unit: 'ops',
      queries: [metric('sum by (job, topic) (job_topic:events:rate5m{job=~"$service"})', '{{job}} {{topic}}')],
    }),
    timeSeriesPanel({
      title: 'Failed events by topic',
      description: 'Tried again or dead-lettered, per second.',
      runbook: 'EventHandlingBurnsFast',
      unit: 'ops',
      queries: [
        metric(
          orNone('sum by (job, topic) (job_topic:event_failures:rate5m{job=~"$service"})', ['job']),
          '{{job}} {{topic}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Time to handle an event, p95',
      description: 'One attempt with its transaction, by topic; the points lead to traces.',
      runbook: 'EventHandlingBurnsFast',
      unit: 's',
      queries: [
        metricWithTraces(
          'histogram_quantile(0.95, sum by (job, topic, le) (rate(messaging_handler_duration_seconds_bucket{job=~"$service"}[$__rate_interval])))',
          '{{job}} {{topic}}',
        ),
      ],
    }),
  ],
};

const burn = (objective: string, budget: string, title: string, runbook: string, what: string) =>
  timeSeriesPanel({
    title,
    description: `${what} At 1 the budget of 30 days lasts 30 days; 14.4 over an hour and 6 over six hours page.`,
    runbook,
    unit: 'short',
    bounds: { warn: 6, bad: 14.4 },
    queries: ['1h', '6h', '3d'].map((window) =>
      metric(`slo:${objective}:error_ratio_${window} / ${budget} or vector(0)`, window),
    ),
  });

const budgets = {
  height: 9,
  panels: [
    burn(
      'gateway_availability',
      '0.005',
      'Burn of the budget: gateway availability',
      'GatewayAvailabilityBurnsFast',
      'Requests without a 5xx: 99.5 %.',
    ),
    burn(
      'gateway_latency',
      '0.01',
      'Burn of the budget: gateway latency',
      'GatewayLatencyBurnsFast',
      'Requests within a second: 99 %.',
    ),
    burn(
      'event_handling',
      '0.005',
      'Burn of the budget: event handling',
      'EventHandlingBurnsFast',
      'Events without a dead letter: 99.5 %.',
    ),
  ],
};

const errors = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Errors reported',
      description: 'Unexpected errors in five minutes, by service and by what was being done.',
      unit: 'short',
      draw: 'stacked bars',
      queries: [
        metric(
          orNone('sum by (job, kind) (increase(errors_reported_total{job=~"$service"}[5m]))', ['job']),
          '{{job}} {{kind}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Gateway: services that gave no answer',
      description: 'Requests per second, by service and reason.',
      runbook: 'ServiceDown',
      unit: 'reqps',
      queries: [
        metric(
          orNone('sum by (upstream, reason) (rate(signalpress_gateway_upstream_failures_total[$__rate_interval]))', [
            'upstream',
          ]),
          '{{upstream}} {{reason}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Listings that are not what was published',
      description: 'By what differs, as of the last comparison with the marketplace.',
      unit: 'short',
      queries: [metric(orNone('max by (kind) (signalpress_listing_drifts)', ['kind']), '{{kind}}')],
    }),
  ],
};

export const serviceHealth: Dashboard = {
  file: 'service_health',
  title: 'Service health',
  description: 'Is anything broken right now, what, and since when?',
  variables: ['service'],
  lines: [now, wrong, ups, requests, events, budgets, errors],
};
