import type { Dashboard } from './dashboard.ts';
import { traceLink } from './links.ts';
import { statPanel, tablePanel, timeSeriesPanel } from './panels.ts';
import { metric, metricWithTraces, sqlRows, sqlSeries } from './queries.ts';

const runbook = 'PublishLatencyAboveAgreement';
const current = (columns: string) => sqlRows(`SELECT ${columns} FROM monitoring.sla_current`);
const agreement = { query: current('threshold_seconds'), column: 'threshold_seconds' };
const chosen = 'source IN (${source:sqlstring}) AND marketplace IN (${marketplace:sqlstring})';

const promise = {
  height: 5,
  panels: [
    statPanel({
      title: 'Mean publish latency',
      description:
        'Mean over the window of the agreement: first listing minus capture of the founding signal, time held left out. Red when it is above what is agreed on.',
      runbook,
      unit: 's',
      query: current('mean_seconds'),
      agreement,
    }),
    statPanel({
      title: 'Oldest unpublished idea',
      description:
        'For how long the oldest idea under way has been in a working state. A pipeline that stands still shows here first: it completes nothing to average.',
      runbook,
      unit: 's',
      query: current('oldest_unpublished_age_seconds'),
      agreement,
      noValue: 'none waits',
    }),
    statPanel({
      title: 'Published inside the agreement',
      description: 'Share of the ideas of the window whose own publish latency is within what is agreed on.',
      runbook,
      unit: 'percentunit',
      query: current('within_share'),
      bounds: { warn: 0.95, bad: 0.8 },
    }),
    statPanel({
      title: 'Agreed mean',
      description: 'SLA_THRESHOLD_HOURS of the monitoring service.',
      unit: 's',
      query: current('threshold_seconds'),
    }),
    statPanel({
      title: 'Ideas in the window',
      description: 'Ideas that the mean is taken of. Below SLA_MINIMUM_SAMPLES the mean opens no incident.',
      unit: 'short',
      query: current('ideas'),
    }),
    statPanel({
      title: 'Window',
      description: 'SLA_WINDOW_HOURS of the monitoring service: the time over which the mean is taken.',
      unit: 's',
      query: current('window_seconds'),
    }),
  ],
};

const overTime = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Publish latency of each idea',
      description: 'One point per idea at the time of its first listing, by source. The dashed line is the agreement.',
      runbook,
      unit: 's',
      draw: 'points',
      limit: 'agreed',
      queries: [
        sqlSeries(`
          SELECT time, source AS metric, latency_seconds AS value FROM monitoring.publish_latency
          WHERE $__timeFilter(time) AND ${chosen} ORDER BY time`),
        sqlSeries(`
          SELECT edge.time, 'agreed' AS metric, threshold_seconds AS value
          FROM monitoring.sla_current CROSS JOIN (VALUES ($__timeFrom()::timestamptz), ($__timeTo()::timestamptz)) edge (time)
          ORDER BY 1`),
      ],
    }),
    timeSeriesPanel({
      title: 'Publish latency, quantiles',
      description: 'From the metrics of the monitoring service; the points lead to traces.',
      runbook,
      unit: 's',
      limit: 'agreed',
      queries: [
        metricWithTraces(
          'histogram_quantile(0.5, sum by (le) (rate(signalpress_publish_latency_seconds_bucket[$__rate_interval])))',
          'p50',
        ),
        metricWithTraces(
          'histogram_quantile(0.95, sum by (le) (rate(signalpress_publish_latency_seconds_bucket[$__rate_interval])))',
          'p95',
        ),
        metric('max(signalpress_sla_threshold_seconds)', 'agreed'),
      ],
    }),
    timeSeriesPanel({
      title: 'Published inside and outside the agreement',
      description: 'Ideas per hour whose first listing came in time, and those that were late.',
      runbook,
      unit: 'short',
      draw: 'stacked bars',
      queries: [
        sqlSeries(`
          SELECT bucket AS time, 'inside' AS metric, sum(within_sla) AS value FROM monitoring.publish_latency_hourly
          WHERE bucket <= $__timeTo() AND bucket + interval '1 hour' >= $__timeFrom() AND ${chosen} GROUP BY 1 ORDER BY 1`),
        sqlSeries(`
          SELECT bucket AS time, 'outside' AS metric, sum(ideas - within_sla) AS value FROM monitoring.publish_latency_hourly
          WHERE bucket <= $__timeTo() AND bucket + interval '1 hour' >= $__timeFrom() AND ${chosen} GROUP BY 1 ORDER BY 1`),
      ],
    }),
  ],
};

const stages = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Where the time goes',
      description:
        'Mean time in each stage of the ideas that left it. The stage that grew is the one to look at; "held" waits for a person or for budget and does not count.',
      runbook,
      unit: 's',
      draw: 'stacked bars',
      queries: [
        sqlSeries(`
          SELECT $__timeGroupAlias(time, $__interval), stage AS metric, avg(seconds) AS value FROM monitoring.stage_durations
          WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1`),
      ],
    }),
    tablePanel({
      title: 'Stages',
      description: 'Mean and p95 of each stage over the time shown.',
      query: sqlRows(`
        SELECT stage, count(*) AS ideas, avg(seconds) AS mean, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
        FROM monitoring.stage_durations WHERE $__timeFilter(time) GROUP BY stage ORDER BY mean DESC`),
      columns: { stage: { label: 'Stage' }, ideas: { label: 'Ideas' }, mean: { unit: 's' }, p95: { unit: 's' } },
    }),
    timeSeriesPanel({
      title: 'Stages by hour, p95',
      description: 'From the hourly rollup, which is kept for a year: is today slower than usual?',
      unit: 's',
      queries: [
        sqlSeries(`
          SELECT bucket AS time, stage AS metric, p95_seconds AS value FROM monitoring.stage_durations_hourly
          WHERE bucket <= $__timeTo() AND bucket + interval '1 hour' >= $__timeFrom() ORDER BY 1`),
      ],
    }),
  ],
};

const ideas = {
  height: 9,
  panels: [
    tablePanel({
      title: 'Slowest ideas',
      description: 'Of the time shown. The trace is that of the first listing.',
      runbook,
      query: sqlRows(`
        SELECT p.time, i.phrase, p.source, p.marketplace, p.latency_seconds, p.held_seconds, (
          SELECT e.trace_id FROM monitoring.idea_events e
          WHERE e.idea_id = p.idea_id AND e.type = 'listings.published' AND e.trace_id IS NOT NULL ORDER BY e.at LIMIT 1
        ) AS trace_id, p.idea_id
        FROM monitoring.publish_latency p LEFT JOIN monitoring.ideas i ON i.idea_id = p.idea_id
        WHERE $__timeFilter(p.time) AND p.source IN (\${source:sqlstring}) AND p.marketplace IN (\${marketplace:sqlstring})
        ORDER BY p.latency_seconds DESC LIMIT 20`),
      columns: {
        time: { label: 'Published' },
        phrase: { label: 'Idea' },
        latency_seconds: { label: 'Publish latency', unit: 's' },
        held_seconds: { label: 'Held', unit: 's' },
        trace_id: { label: 'Trace', link: traceLink },
        idea_id: { hidden: true },
      },
    }),
    tablePanel({
      title: 'Ideas that wait',
      description: 'Under way and not published, longest wait first: what to look at when the pipeline stands still.',
      runbook,
      query: sqlRows(`
        SELECT step, phrase, age_seconds FROM (
          SELECT step, phrase, extract(epoch FROM now() - since)::float8 AS age_seconds FROM monitoring.ideas_working
          UNION ALL SELECT 'none', NULL, 0 WHERE NOT EXISTS (SELECT FROM monitoring.ideas_working)
        ) waiting ORDER BY age_seconds DESC LIMIT 20`),
      columns: {
        step: { label: 'Step' },
        phrase: { label: 'Idea' },
        age_seconds: { label: 'Waits for', unit: 's' },
      },
    }),
  ],
};

const parts = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'HTTP p95 by service',
      description: 'Of the requests that a service answered; the points lead to traces.',
      runbook: 'GatewayLatencyBurnsFast',
      unit: 's',
      queries: [
        metricWithTraces(
          'histogram_quantile(0.95, sum by (job, le) (rate(http_server_request_duration_seconds_bucket{job=~"$service"}[$__rate_interval])))',
          '{{job}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Delivery of events, p95',
      description: "From the producer's outbox to the consumer's handler, by topic: waits between the services.",
      runbook: 'OutboxStuck',
      unit: 's',
      queries: [metric('max by (topic) (job_topic:delivery_seconds:p95_5m{job=~"$service"})', '{{topic}}')],
    }),
    timeSeriesPanel({
      title: 'Putting a listing on its marketplace, p95',
      description: 'Calls of the marketplace, waits between tries not included; the points lead to traces.',
      unit: 's',
      queries: [
        metricWithTraces(
          'histogram_quantile(0.95, sum by (marketplace, le) (rate(listing_publish_duration_seconds_bucket{marketplace=~"$marketplace"}[$__rate_interval])))',
          '{{marketplace}}',
        ),
      ],
    }),
  ],
};

export const latency: Dashboard = {
  file: 'latency',
  title: 'Publish latency',
  description:
    'Do we keep our promise on how long a signal takes to become a listing, and if not, where does the time go?',
  variables: ['service', 'marketplace', 'source'],
  lines: [promise, overTime, stages, ideas, parts],
};
