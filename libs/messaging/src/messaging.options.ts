import type { TransportOptions } from './transport/kafka/kafka.options.js';

/** Times are milliseconds. The defaults suit production; tests make them small. */
export interface MessagingTuning {
  /** How often outbox, log and jobs are looked at when nothing wakes us. */
  readonly pollMs: number;
  /** Whether NOTIFY may wake us; without it (a transaction pooler cannot LISTEN) polling does everything. */
  readonly listen: boolean;
  /** Rows that one pass of the relay, one fetch of a partition or one take of jobs brings into memory at most. */
  readonly batchSize: number;
  /** For how long a member owns its partitions without a heartbeat. */
  readonly leaseMs: number;
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
  /** How long a shutdown waits for running handlers and jobs; what is not done by then is rolled back and done elsewhere. */
  readonly drainMs: number;
}

export interface MessagingOptions {
  /** The service's name, e.g. `scoring-engine`: the source of its events and the name of its consumer group. */
  readonly service: string;
  /** Domain time, for `time` in envelopes. */
  readonly now?: () => Date;
  readonly tuning?: Partial<MessagingTuning>;
  /** What carries the events; default: `postgres`. `eventTransport(env)` of service-defaults makes it. */
  readonly transport?: TransportOptions;
}

const defaultTuning: MessagingTuning = {
  pollMs: 1_000,
  listen: true,
  batchSize: 100,
  leaseMs: 15_000,
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

  constructor(options: MessagingOptions) {
    this.service = options.service;
    this.now = options.now ?? ((): Date => new Date());
    this.tuning = { ...defaultTuning, ...options.tuning };
    this.transport = options.transport ?? { kind: 'postgres' };
  }
}
