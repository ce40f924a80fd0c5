export interface Series {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  /** A gauge's value, or a counter's growth per minute: while all is well, while it is broken, and while nothing happens. */
  readonly well: number;
  readonly broken: number;
  readonly idle: number;
}

/** How one alert is tried out. Times are minutes. */
export interface AlertCase {
  readonly alert: string;
  readonly series: readonly Series[];
  /** A total outage must fire within this time. */
  readonly firesWithin: number;
  /** How long the outage of the recovery test lasts. */
  readonly outage: number;
  /** After the outage it must be over within this time. */
  readonly clearsWithin: number;
  /** How long all was well before; the longest window of the rule, at least. */
  readonly history: number;
  /** Between two samples, and between two looks at the rules. Days minute by minute would take promtool minutes. */
  readonly step: number;
  /** Its rule file. */
  readonly rules: string;
}

const day = 24 * 60;
const inMinutes = { step: 1, rules: 'alerts.yml' };

const gauge = (name: string, well: number, broken: number, idle = well): Series => ({
  name,
  kind: 'gauge',
  well,
  broken,
  idle,
});
const counter = (name: string, well: number, broken: number): Series => ({
  name,
  kind: 'counter',
  well,
  broken,
  idle: 0,
});

const request = (status: string): string =>
  `http_server_request_duration_seconds_count{job="api-gateway",instance="a",method="GET",route="/ideas",status="${status}"}`;
const fastRequest =
  'http_server_request_duration_seconds_bucket{job="api-gateway",instance="a",method="GET",route="/ideas",status="200",le="1.0"}';
const event = (outcome: string): string =>
  `messaging_messages_total{job="scoring-engine",instance="a",topic="signals.ingested",outcome="${outcome}"}`;

const availability = [counter(request('200'), 60, 0), counter(request('500'), 0, 60)];
const latency = [counter(request('200'), 60, 60), counter(fastRequest, 60, 0)];
const events = [counter(event('handled'), 60, 0), counter(event('dead-lettered'), 0, 60)];

const burn = (name: string, rules: string, series: readonly Series[]): AlertCase[] => [
  {
    alert: `${name}BurnsFast`,
    series,
    firesWithin: 10,
    outage: 20,
    clearsWithin: 40,
    history: 6 * 60,
    step: 2,
    rules,
  },
  {
    alert: `${name}BurnsSlow`,
    series,
    firesWithin: 60,
    outage: 90,
    clearsWithin: 6 * 60 + 30,
    history: 3 * day,
    step: 30,
    rules,
  },
];

/** Every alert there is; a spec compares this list with the rule files. */
export const alertCases: readonly AlertCase[] = [
  {
    alert: 'ServiceDown',
    series: [gauge('up{job="orchestrator",instance="a"}', 1, 0)],
    firesWithin: 3,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'MonitoringAbsent',
    series: [gauge('up{job="monitoring",instance="a"}', 1, 0)],
    firesWithin: 3,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'ServiceRestarting',
    // A start time that is another one every minute.
    series: [counter('process_start_time_seconds{job="orchestrator",instance="a"}', 0, 60)],
    firesWithin: 5,
    outage: 10,
    clearsWithin: 16,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'OutboxStuck',
    series: [gauge('messaging_outbox_oldest_age_seconds{job="orchestrator",instance="a"}', 0.2, 900, 0)],
    firesWithin: 4,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'DeadLettersWaiting',
    series: [gauge('messaging_dead_letters{job="orchestrator",instance="a",kind="event"}', 0, 7)],
    firesWithin: 6,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'PublishLatencyAboveAgreement',
    series: [
      gauge('signalpress_oldest_unpublished_age_seconds{job="monitoring",instance="a"}', 90, 9_000, 0),
      gauge('signalpress_sla_threshold_seconds{job="monitoring",instance="a"}', 7_200, 7_200),
      counter('signalpress_publishes_total{job="monitoring",instance="a",sla="inside"}', 2, 0),
      counter('signalpress_publishes_total{job="monitoring",instance="a",sla="outside"}', 0, 0),
    ],
    firesWithin: 12,
    outage: 20,
    clearsWithin: 1,
    history: 90,
    ...inMinutes,
  },
  {
    alert: 'EventLoopLag',
    series: [gauge('nodejs_eventloop_lag_p99_seconds{job="orchestrator",instance="a"}', 0.01, 2)],
    firesWithin: 6,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'SpansDropped',
    series: [counter('telemetry_spans_dropped_total{job="orchestrator",instance="a",reason="queue-full"}', 0, 100)],
    firesWithin: 9,
    outage: 15,
    clearsWithin: 6,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'DiskFilling',
    series: [
      gauge('files_free_bytes{job="mockup-generation",instance="a"}', 50, 5),
      gauge('files_capacity_bytes{job="mockup-generation",instance="a"}', 100, 100),
    ],
    firesWithin: 11,
    outage: 15,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'DiskFull',
    series: [
      gauge('files_free_bytes{job="mockup-generation",instance="a"}', 50, 1),
      gauge('files_capacity_bytes{job="mockup-generation",instance="a"}', 100, 100),
    ],
    firesWithin: 3,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  ...burn('GatewayAvailability', 'slo-gateway-availability.yml', availability),
  ...burn('GatewayLatency', 'slo-gateway-latency.yml', latency),
  ...burn('EventHandling', 'slo-event-handling.yml', events),
];
