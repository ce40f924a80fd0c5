import type { Dashboard } from './dashboard.ts';
import { statPanel, tablePanel, timeSeriesPanel } from './panels.ts';
import { metric, metricNow, sqlRows, sqlSeries } from './queries.ts';

const now = {
  height: 5,
  panels: [
    statPanel({
      title: 'Most CPU',
      description: 'Cores that the busiest service uses. A Node process runs on little more than one.',
      runbook: 'EventLoopLag',
      unit: 'short',
      query: metricNow('max(rate(process_cpu_seconds_total{job=~"$service"}[$__rate_interval]))', 'cores'),
      bounds: { warn: 0.7, bad: 0.95 },
    }),
    statPanel({
      title: 'Largest event loop lag',
      description: 'p99 of the service where it is worst. Above half a second for five minutes it becomes a ticket.',
      runbook: 'EventLoopLag',
      unit: 's',
      query: metricNow('max(nodejs_eventloop_lag_p99_seconds{job=~"$service"})', 'p99'),
      bounds: { warn: 0.1, bad: 0.5 },
    }),
    statPanel({
      title: 'Most memory',
      description: 'Resident memory of the largest service.',
      unit: 'bytes',
      query: metricNow('max(process_resident_memory_bytes{job=~"$service"})', 'resident'),
    }),
    statPanel({
      title: 'Fullest connection pool',
      description: 'Share of the allowed connections that are in use, where it is highest. At 100 % callers wait.',
      unit: 'percentunit',
      query: metricNow(
        'max(sum by (job, instance) (db_client_connections{job=~"$service",state="used"}) / on (job, instance) db_client_connections_max{job=~"$service"})',
        'used',
      ),
      bounds: { warn: 0.8, bad: 1 },
    }),
    statPanel({
      title: 'Free disk',
      description: 'Share of the disk under the stored files that is free. Under two per cent rendering stops.',
      runbook: 'DiskFilling',
      unit: 'percentunit',
      query: metricNow('min(files_free_bytes / files_capacity_bytes)', 'free'),
      bounds: { warn: 0.1, bad: 0.02 },
    }),
    statPanel({
      title: 'Spans lost in five minutes',
      description: 'Spans that were finished and never exported: traces will have gaps.',
      runbook: 'SpansDropped',
      unit: 'short',
      query: metricNow(
        'sum(increase(telemetry_spans_dropped_total{job=~"$service",reason=~"queue-full|export-failed"}[5m])) or vector(0)',
        'lost',
      ),
      bounds: { warn: 1, bad: 1_000 },
    }),
  ],
};

const processes = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'CPU',
      description: 'Cores, per service.',
      unit: 'short',
      bounds: { warn: 0.7, bad: 0.95 },
      queries: [metric('sum by (job) (rate(process_cpu_seconds_total{job=~"$service"}[$__rate_interval]))', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Resident memory',
      description: 'Per service. A line that climbs for days is a leak.',
      unit: 'bytes',
      queries: [metric('max by (job) (process_resident_memory_bytes{job=~"$service"})', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Heap in use',
      description: 'Per service: what the garbage collector has to look after.',
      unit: 'bytes',
      queries: [metric('max by (job) (nodejs_heap_size_used_bytes{job=~"$service"})', '{{job}}')],
    }),
  ],
};

const loops = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Event loop lag, p99',
      description: 'How late the event loop is. While it is late nothing else happens in that process.',
      runbook: 'EventLoopLag',
      unit: 's',
      bounds: { warn: 0.1, bad: 0.5 },
      queries: [metric('max by (job) (nodejs_eventloop_lag_p99_seconds{job=~"$service"})', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Garbage collection',
      description: 'Share of the time that is spent on it, per service.',
      runbook: 'EventLoopLag',
      unit: 'percentunit',
      queries: [
        metric('sum by (job) (rate(nodejs_gc_duration_seconds_sum{job=~"$service"}[$__rate_interval]))', '{{job}}'),
      ],
    }),
    timeSeriesPanel({
      title: 'Open files and sockets',
      description: 'Share of what the system allows the process.',
      unit: 'percentunit',
      queries: [metric('max by (job) (process_open_fds{job=~"$service"} / process_max_fds)', '{{job}}')],
    }),
  ],
};

const outside = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Database connections in use',
      description: 'Per service.',
      unit: 'short',
      queries: [metric('sum by (job) (db_client_connections{job=~"$service",state="used"})', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Callers that wait for a connection',
      description: 'Above zero for long: the pool is too small, or transactions take too long.',
      unit: 'short',
      queries: [metric('sum by (job) (db_client_connections_pending_requests{job=~"$service"})', '{{job}}')],
    }),
    timeSeriesPanel({
      title: 'Disk under the stored files',
      description: 'Free bytes and the size of the disk.',
      runbook: 'DiskFilling',
      unit: 'bytes',
      queries: [
        metric('min by (job) (files_free_bytes)', '{{job}} free'),
        metric('max by (job) (files_capacity_bytes)', '{{job}} size'),
      ],
    }),
  ],
};

const telemetry = {
  height: 9,
  panels: [
    timeSeriesPanel({
      title: 'Spans dropped',
      description:
        'Per second, by reason. "queue-full": more than the exporter can send. "export-failed": the collector does not take them. "folded" and "trace-limit" are siblings that one span stands for; the limits are of attributes, events and links.',
      runbook: 'SpansDropped',
      unit: 'ops',
      queries: [
        metric(
          'sum by (reason) (rate(telemetry_spans_dropped_total{job=~"$service"}[$__rate_interval]))',
          '{{reason}}',
        ),
      ],
    }),
    timeSeriesPanel({
      title: 'Spans sampled and waiting to be exported',
      description: 'Sampled per second, and the length of the exporters’ queues.',
      runbook: 'SpansDropped',
      unit: 'short',
      queries: [
        metric('sum(rate(telemetry_spans_sampled_total{job=~"$service"}[$__rate_interval]))', 'sampled per second'),
        metric('sum(telemetry_spans_queued{job=~"$service"})', 'queued'),
      ],
    }),
    timeSeriesPanel({
      title: 'Metrics with too many series',
      description: 'Observations per second that were folded because a metric had too many label combinations.',
      unit: 'ops',
      queries: [
        metric(
          'sum(rate(telemetry_metric_overflow_total{job=~"$service"}[$__rate_interval])) or vector(0)',
          'folded observations',
        ),
      ],
    }),
  ],
};

const history = {
  height: 9,
  panels: [
    tablePanel({
      title: 'Services over the time shown',
      description: 'As sampled by the monitoring service itself: there also when Prometheus was away.',
      query: sqlRows(`
        SELECT service, avg(CASE WHEN up THEN 1.0 ELSE 0.0 END)::float8 AS up_share, avg(cpu_cores) AS mean_cpu_cores,
          max(resident_memory_bytes) AS max_resident_memory_bytes, max(event_loop_lag_seconds) AS max_event_loop_lag_seconds
        FROM monitoring.resource_usage WHERE $__timeFilter(time) AND service IN (\${service:sqlstring})
        GROUP BY service ORDER BY mean_cpu_cores DESC NULLS LAST`),
      columns: {
        service: { label: 'Service' },
        up_share: { label: 'Up', unit: 'percentunit' },
        mean_cpu_cores: { label: 'CPU, mean', decimals: 3 },
        max_resident_memory_bytes: { label: 'Memory, max', unit: 'bytes' },
        max_event_loop_lag_seconds: { label: 'Lag, max', unit: 's' },
      },
    }),
    timeSeriesPanel({
      title: 'Memory, five minutes each',
      description: 'From the rollup, which is kept for a year.',
      unit: 'bytes',
      queries: [
        sqlSeries(`
          SELECT bucket AS time, service AS metric, max_resident_memory_bytes AS value FROM monitoring.resource_usage_5m
          WHERE bucket <= $__timeTo() AND bucket + interval '5 minutes' >= $__timeFrom() AND service IN (\${service:sqlstring}) ORDER BY 1`),
      ],
    }),
    timeSeriesPanel({
      title: 'CPU, five minutes each',
      description: 'Mean of each five minutes, from the rollup, which is kept for a year.',
      unit: 'short',
      queries: [
        sqlSeries(`
          SELECT bucket AS time, service AS metric, mean_cpu_cores AS value FROM monitoring.resource_usage_5m
          WHERE bucket <= $__timeTo() AND bucket + interval '5 minutes' >= $__timeFrom() AND service IN (\${service:sqlstring}) ORDER BY 1`),
      ],
    }),
  ],
};

export const resourceUsage: Dashboard = {
  file: 'resource_usage',
  title: 'Resources',
  description: 'Is a service short of CPU, memory, connections, disk or telemetry?',
  variables: ['service'],
  lines: [now, processes, loops, outside, telemetry, history],
};
