import type { TransportOptions } from './transport/kafka/kafka.options.js';
import { Failpoints, failpointNames } from './failpoints/failpoints.js';
import type { FailpointName } from './failpoints/failpoints.js';

/** Times are milliseconds. The defaults suit production; tests make them small. */
export interface MessagingTuning {
  /** How often outbox, log and jobs are looked at when nothing wakes us. */
  readonly pollMs: number;
  /** Whether NOTIFY may wake us; without it (a transaction pooler cannot LISTEN) polling does everything. */
  readonly listen: boolean;
  /** Rows that one fetch of a partition or one take of jobs brings into memory at most. */
  readonly batchSize: number;
  /** Rows that one pass of the relay moves at most. */
  readonly relayBatchSize: number;
  /** For how long a member owns its partitions without a heartbeat. */
  readonly leaseMs: number;
  /** For how long a job stays its worker's without renewal, unless the worker says otherwise. */
  readonly jobLeaseMs: number;
  /** How often leases are renewed and shared out anew. */
  readonly heartbeatMs: number;
  /** Attempts of an event whose handler fails with an unknown error. */
  readonly maxAttempts: number;
  /** Backoff is drawn from 0 to this, doubled by each failure in a row ... */
  readonly backoffBaseMs: number;
  /** ... up to this. */
  readonly backoffMaxMs: number;
  /** A wait that is longer ends the trace; the work resumes in a new one, linked to the old. */
  readonly traceWaitMs: number;
  /**
   * How long a shutdown waits for running handlers and jobs at most, and never longer than 70 % of what its deadline leaves for
   * draining; what is not done by then is rolled back and done elsewhere.
   */
  readonly drainMs: number;
}

export interface MessagingOptions {
  /** The service's name, e.g. `scoring-engine`: the source of its events and the name of its consumer group. */
  readonly service: string;
  /** Domain time, for `time` in envelopes. */
  readonly now?: () => Date;
  /** How soon others take over what a dead process had; the rest of the tuning follows. */
  readonly leases?: { readonly eventMs: number; readonly jobMs: number };
  readonly tuning?: Partial<MessagingTuning>;
  /** What carries the events; default: `postgres`. `eventTransport(env)` of service-defaults makes it. */
  readonly transport?: TransportOptions;
  /** For drills: how likely the process kills itself at each of these steps, 0 to 1. */
  readonly failpoints?: Readonly<Record<string, number>>;
}

const defaultTuning: MessagingTuning = {
  pollMs: 1_000,
  listen: true,
  batchSize: 100,
  relayBatchSize: 500,
  leaseMs: 15_000,
  jobLeaseMs: 60_000,
  heartbeatMs: 4_000,
  maxAttempts: 5,
  backoffBaseMs: 200,
  backoffMaxMs: 30_000,
  traceWaitMs: 60_000,
  drainMs: 8_000,
};

/** The options with every default filled in; also the token they are injected by. */
export class MessagingSettings {
  readonly service: string;
  readonly now: () => Date;
  readonly tuning: MessagingTuning;
  readonly transport: TransportOptions;
  readonly failpoints: Failpoints;

  /** @throws RangeError for a failpoint that there is not */
  constructor(options: MessagingOptions) {
    this.service = options.service;
    this.now = options.now ?? ((): Date => new Date());
    this.transport = options.transport ?? { kind: 'postgres' };
    this.tuning = { ...defaultTuning, ...leaseTuning(options.leases), ...options.tuning };
    this.failpoints = new Failpoints(armed(options.failpoints));
  }
}

/** A lease outlives three heartbeats that fail. */
function leaseTuning(leases: MessagingOptions['leases']): Partial<MessagingTuning> {
  if (leases === undefined) return {};
  const { eventMs, jobMs } = leases;
  return { leaseMs: eventMs, heartbeatMs: Math.floor(eventMs / 3.75), jobLeaseMs: jobMs };
}

function armed(failpoints: MessagingOptions['failpoints']): Partial<Record<FailpointName, number>> | undefined {
  if (failpoints === undefined) return undefined;
  const unknown = Object.keys(failpoints).find((name) => !failpointNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw new RangeError(`There is no failpoint ${unknown}: ${failpointNames.join(', ')}`);
  }
  return failpoints;
}
