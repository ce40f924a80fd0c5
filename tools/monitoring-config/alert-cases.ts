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
  /** Which of the rules of that name; where there is one, nothing. */
  readonly of?: string;
  /** What the alert says at the end of the outage of the recovery test, and of whom (beside its name, severity and service). */
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly series: readonly Series[];
  /** A total outage must fire within this time. */
  readonly firesWithin: number;
  /** How long the outage of the recovery test lasts. */
  readonly outage: number;
  /** After the outage it must be over within this time. */
  readonly clearsWithin: number;
  /** How long all was well before. */
  readonly history: number;
  /** Between two samples, and between two looks at the rules. Days minute by minute would take promtool minutes. */
  readonly step: number;
  /** Its rule file. */
  readonly rules: string;
}

/**
 * As much as the window of a day needs. After 36 hours promtool's storage writes a block beside the test, and now and then a sample
 * is lost to that; the three days' window therefore sees 27 hours of samples, in the counts above and below the line alike.
 */
const slowHistory = 27 * 60;
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

/** What promtool must see of an alert beside its name; the job is the service, unless the rule speaks of all. */
const page = (service: string, more: object = {}) => ({ severity: 'critical', service, job: service, ...more });
const ticket = (service: string, more: object = {}) => ({ severity: 'warning', service, job: service, ...more });
const a = { instance: 'a' };

const burn = (
  name: string,
  rules: string,
  series: readonly Series[],
  { service, fast, slow, objective }: { service: string; fast: string; slow: string; objective: string },
): AlertCase[] => [
  {
    alert: `${name}BurnsFast`,
    labels: { severity: 'critical', service },
    summary: `${fast} fail; the objective: ${objective}`,
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
    labels: { severity: 'warning', service },
    summary: `${slow} fail; the objective: ${objective}`,
    series,
    firesWithin: 60,
    outage: 90,
    clearsWithin: 6 * 60 + 30,
    history: slowHistory,
    step: 30,
    rules,
  },
];

/** Every alert there is; a spec compares this list with the rule files. */
export const alertCases: readonly AlertCase[] = [
  {
    alert: 'ServiceDown',
    labels: page('orchestrator', a),
    summary: 'orchestrator at a has not answered a scrape for more than two minutes',
    series: [gauge('up{job="orchestrator",instance="a"}', 1, 0)],
    firesWithin: 3,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'MonitoringAbsent',
    // Of something that is absent there is no label to keep.
    labels: { severity: 'critical', service: 'monitoring' },
    summary: 'The monitoring service has been away for more than two minutes: nobody watches publish latency',
    series: [gauge('up{job="monitoring",instance="a"}', 1, 0)],
    firesWithin: 3,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'ServiceRestarting',
    labels: ticket('orchestrator', a),
    summary: 'orchestrator at a restarted 9 times in 15 minutes',
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
    labels: page('orchestrator'),
    summary: 'The oldest event in the outbox of orchestrator is 15m 0s old: the transport does not take it',
    series: [gauge('messaging_outbox_oldest_age_seconds{job="orchestrator",instance="a"}', 0.2, 900, 0)],
    firesWithin: 4,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'DeadLettersWaiting',
    labels: ticket('orchestrator'),
    summary: '7 dead letters of orchestrator wait for a person',
    series: [gauge('messaging_dead_letters{job="orchestrator",instance="a",kind="event"}', 0, 7)],
    firesWithin: 6,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'PublishLatencyAboveAgreement',
    of: 'an idea that waits',
    labels: ticket('monitoring', { ...a, measure: 'oldest-idea' }),
    summary: 'The oldest unpublished idea has been under way for 2h 30m 0s; 2h 0m 0s are agreed on',
    series: [
      gauge('signalpress_oldest_unpublished_age_seconds{job="monitoring",instance="a"}', 90, 9_000, 0),
      gauge('signalpress_sla_threshold_seconds{job="monitoring",instance="a"}', 7_200, 7_200),
    ],
    firesWithin: 11,
    outage: 20,
    clearsWithin: 1,
    history: 90,
    ...inMinutes,
  },
  {
    alert: 'PublishLatencyAboveAgreement',
    of: 'ideas that were late',
    labels: ticket('monitoring', { ...a, measure: 'late-ideas' }),
    summary: 'About 118 ideas were listed later than agreed in the last hour, more than in time',
    series: [
      counter('signalpress_publishes_total{job="monitoring",instance="a",sla="inside"}', 2, 0),
      counter('signalpress_publishes_total{job="monitoring",instance="a",sla="outside"}', 0, 2),
    ],
    // Half of the hour has to be late before more ideas are late than in time.
    firesWithin: 42,
    outage: 60,
    clearsWithin: 32,
    history: 90,
    ...inMinutes,
  },
  {
    alert: 'EventLoopLag',
    labels: ticket('orchestrator', a),
    summary: 'The event loop of orchestrator at a is late by 2s (p99)',
    series: [gauge('nodejs_eventloop_lag_p99_seconds{job="orchestrator",instance="a"}', 0.01, 2)],
    firesWithin: 6,
    outage: 10,
    clearsWithin: 1,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'SpansDropped',
    labels: ticket('orchestrator'),
    summary: 'orchestrator loses about 500 spans in five minutes',
    series: [counter('telemetry_spans_dropped_total{job="orchestrator",instance="a",reason="queue-full"}', 0, 100)],
    firesWithin: 9,
    outage: 15,
    clearsWithin: 6,
    history: 30,
    ...inMinutes,
  },
  {
    alert: 'DiskFilling',
    labels: ticket('mockup-generation'),
    summary: '5% of the disk under the files of mockup-generation is free',
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
    labels: page('mockup-generation'),
    summary: '1% of the disk under the files of mockup-generation is free: rendering stops',
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
  ...burn('GatewayAvailability', 'slo-gateway-availability.yml', availability, {
    service: 'api-gateway',
    fast: '30%',
    slow: '4.167%',
    objective: '99.5 % of the requests at the gateway are answered without a 5xx',
  }),
  ...burn('GatewayLatency', 'slo-gateway-latency.yml', latency, {
    service: 'api-gateway',
    fast: '30%',
    slow: '4.167%',
    objective: '99 % of the requests at the gateway are answered within a second',
  }),
  ...burn('EventHandling', 'slo-event-handling.yml', events, {
    service: 'pipeline',
    fast: '30%',
    slow: '4.167%',
    objective: '99.5 % of the events are handled without a dead letter',
  }),
];
