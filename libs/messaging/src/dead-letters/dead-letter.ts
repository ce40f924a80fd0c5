import type { TraceContext } from '@signalpress/observability';

/** An event or a job that could not be handled, as `GET /dead-letters` shows it. Times are RFC 3339 in UTC. */
export interface DeadLetter {
  readonly id: string;
  readonly kind: 'event' | 'job';
  /** Event type or job name. */
  readonly name: string;
  /** Id of the event or of the job. */
  readonly sourceId: string;
  readonly key: string | null;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly failedAt: string;
  readonly replayedAt: string | null;
  /** Trace of the event or job that failed. */
  readonly traceId: string | null;
}

/** A dead letter with what is needed to handle it again. */
export interface DeadLetterDetail extends DeadLetter {
  /** The event's envelope or the job's payload. */
  readonly content: unknown;
  readonly trace: TraceContext | null;
}

export interface DeadLetterPage {
  readonly items: readonly DeadLetter[];
  /** Give it as `cursor` to get the next page; null on the last. */
  readonly nextCursor: string | null;
}

/** `handled`: it had its effect now. `already-handled`: it had it before. `enqueued`: the job will run. */
export type ReplayOutcome = 'handled' | 'already-handled' | 'enqueued';

export interface Replay {
  readonly id: string;
  readonly outcome: ReplayOutcome;
}
