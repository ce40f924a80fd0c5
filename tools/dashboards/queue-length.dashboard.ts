import type { Dashboard } from './dashboard.ts';
import { statPanel, tablePanel, timeSeriesPanel } from './panels.ts';
import { metric, metricNow, metricRows, metricWithTraces, orNone, sqlRows, sqlSeries } from './queries.ts';

// Every instance of a service tells the numbers of the whole service, read from what they share: the most of them, never their sum.

const chosen = 'consumer_group IN (${service:sqlstring})';
/** What the groups have yet to handle, as of the newest sample; what is yet to be sent has numbers of its own. */
const newest = `time > now() - interval '5 minutes' AND time = (SELECT max(time) FROM monitoring.queue_lengths)
  AND topic <> 'outbox' AND ${chosen}`;

const now = {
  height: 5,
  panels: [
    statPanel({
      title: 'Events that wait',
      description:
        'Of all consumer groups together. Much of it is fine while it shrinks; the oldest age says whether it does.',
      unit: 'short',
      query: sqlRows(`SELECT coalesce(sum(length), 0)::float8 AS events FROM monitoring.queue_lengths WHERE ${newest}`),
    }),
    statPanel({
      title: 'Oldest waiting event',
      description: 'Age of the oldest event that a group has yet to handle, by the newest sample.',
      unit: 's',
      query: sqlRows(
        `SELECT coalesce(max(oldest_age_seconds), 0) AS oldest_age_seconds FROM monitoring.queue_lengths WHERE ${newest}`,
      ),
      bounds: { warn: 60, bad: 300 },
    }),
    statPanel({
      title: 'Oldest event in an outbox',
      description: 'An event that was written and not handed to the transport. Above two minutes somebody is paged.',
      runbook: 'OutboxStuck',
      unit: 's',
      query: metricNow('max(messaging_outbox_oldest_age_seconds{job=~"$service"})', 'oldest'),
      bounds: { warn: 30, bad: 120 },
    }),
    statPanel({
      title: 'Dead letters',
      description: 'Events and jobs that could not be handled and wait for a person.',
      runbook: 'DeadLettersWaiting',
      unit: 'short',
      query: metricNow(
        'sum(max by (job, kind) (messaging_dead_letters{job=~"$service"})) or vector(0)',
        'dead letters',
      ),
      bounds: { warn: 1, bad: 10 },
    }),
    statPanel({
      title: 'Jobs that wait',
      description: 'Pending jobs of all services, recurring ones included: each of those keeps one row.',
      unit: 'short',
      query: metricNow(
        'sum(max by (job, exported_job) (messaging_jobs{job=~"$service",state="pending"})) or vector(0)',
        'pending',
      ),
    }),
    statPanel({
      title: 'Failed handlings per second',
      description: 'Events that are tried again or were given up, over five minutes.',
      runbook: 'EventHandlingBurnsFast',
      unit: 'ops',
      query: metricNow('sum(job_topic:event_failures:rate5m{job=~"$service"}) or vector(0)', 'failures'),
      bounds: { warn: 0.1, bad: 1 },
    }),
  ],
};

const queues = {
  height: 10,
  panels: [
    timeSeriesPanel({
      title: 'Queue length by topic and group',
      description: 'Events that a consumer group has yet to handle, as sampled by the monitoring service.',
      unit: 'short',
      queries: [
        sqlSeries(`
          SELECT $__timeGroupAlias(time, $__interval), topic || ' > ' || consumer_group AS metric, max(length) AS value
          FROM monitoring.queue_lengths WHERE $__timeFilter(time) AND ${chosen} GROUP BY 1, 2 ORDER BY 1`),
      ],
    }),
    timeSeriesPanel({
      title: 'Oldest age by topic and group',
      description:
        'A line that climbs steadily is a consumer that stands still; one that stays low under a long queue keeps up.',
      unit: 's',
      queries: [
        sqlSeries(`
          SELECT $__timeGroupAlias(time, $__interval), topic || ' > ' || consumer_group AS metric,
            max(coalesce(oldest_age_seconds, 0)) AS value
          FROM monitoring.queue_lengths WHERE $__timeFilter(time) AND ${chosen} GROUP BY 1, 2 ORDER BY 1`),
      ],
    }),
  ],
};

const standings = {
  height: 9,
  panels: [
    tablePanel({
      title: 'Now, by topic and group',
      description: 'The newest sample of the time shown, longest queue first.',
      query: sqlRows(`
        SELECT topic, consumer_group, length, oldest_age_seconds
        FROM monitoring.queue_lengths
        WHERE time = (SELECT max(time) FROM monitoring.queue_lengths WHERE $__timeFilter(time)) AND ${chosen}
        ORDER BY length DESC, topic, consumer_group`),
      columns: {
        topic: { label: 'Topic' },
        consumer_group: { label: 'Group' },
        length: { label: 'Events' },
        oldest_age_seconds: { label: 'Oldest', unit: 's' },
      },
    }),
    timeSeriesPanel({
      title: 'Longest queues, five minutes each',
      description: 'From the rollup, which is kept for a year: is this usual at this time of day?',
      unit: 'short',
      queries: [
        sqlSeries(`
          SELECT bucket AS time, topic || ' > ' || consumer_group AS metric, max_length AS value
          FROM monitoring.queue_lengths_5m WHERE bucket <= $__timeTo() AND bucket + interval '5 minutes' >= $__timeFrom() AND ${chosen} ORDER BY 1`),
      ],
    }),
    timeSeriesPanel({
      title: 'Consumer lag',
      description:
        'How far the consumers themselves have to go, over all partitions. One log holds all topics, where events move through PostgreSQL: events that are none of the group count until it has passed them. A line that only climbs is a consumer that stands still.',
      unit: 'short',
      queries: [
        metric('sum by (job) (max by (job, topic, partition) (messaging_consumer_lag{job=~"$service"}))', '{{job}}'),
      ],
    }),
  ],
};

const outboxes = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Outbox: oldest event',
      description: 'Per service. It climbs when the transport does not take events.',
      runbook: 'OutboxStuck',
      unit: 's',
      bounds: { warn: 30, bad: 120 },
      queries: [metric('max by (job) (messaging_outbox_oldest_age_seconds{job=~"$service"})', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Outbox: events that wait',
      description: 'Per service.',
      runbook: 'OutboxStuck',
      unit: 'short',
      queries: [metric('max by (job) (messaging_outbox_waiting{job=~"$service"})', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Events handled and failed',
      description: 'Per second, by topic. Failed ones are tried again or became dead letters.',
      runbook: 'EventHandlingBurnsFast',
      unit: 'ops',
      queries: [
        metric('sum by (topic) (job_topic:events:rate5m{job=~"$service"})', '{{topic}}'),
        metric('sum(job_topic:event_failures:rate5m{job=~"$service"}) or vector(0)', 'failed'),
      ],
    }),
  ],
};

const jobs = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Jobs by state',
      description: 'Of all services, by name. Prometheus keeps the name as exported_job: job is the service.',
      unit: 'short',
      queries: [
        metric(
          'sum by (exported_job, state) (max by (job, exported_job, state) (messaging_jobs{job=~"$service"}))',
          '{{exported_job}} {{state}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Runs of jobs by outcome',
      description:
        'Per second. "unavailable" waits for something outside; "given-up" and "dead-lettered" are lost to automation.',
      runbook: 'DeadLettersWaiting',
      unit: 'ops',
      draw: 'stacked bars',
      queries: [
        metric('sum by (outcome) (rate(messaging_job_runs_total{job=~"$service"}[$__rate_interval]))', '{{outcome}}'),
      ],
    }),
    timeSeriesPanel({
      title: 'Run of a job, p95',
      description: 'By name; the points lead to traces.',
      unit: 's',
      queries: [
        metricWithTraces(
          'histogram_quantile(0.95, sum by (exported_job, le) (rate(messaging_job_duration_seconds_bucket{job=~"$service"}[$__rate_interval])))',
          '{{exported_job}}',
        ),
      ],
    }),
    tablePanel({
      title: 'Dead letters by service',
      description: 'What waits for a person; `npm run dead-letters` lists and replays them.',
      runbook: 'DeadLettersWaiting',
      query: metricRows(orNone('max by (job, kind) (messaging_dead_letters{job=~"$service"})', ['job', 'kind'])),
      columns: {
        job: { label: 'Service' },
        kind: { label: 'Kind' },
        Value: { label: 'Waiting' },
        Time: { hidden: true },
      },
    }),
  ],
};

export const queueLength: Dashboard = {
  file: 'queue_length',
  title: 'Queues',
  description: 'Does work pile up, where, and since when?',
  variables: ['service'],
  lines: [now, queues, standings, outboxes, jobs],
};
