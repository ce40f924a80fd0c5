import type { TraceContext } from '@signalpress/observability';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface JobRequest {
  /** Name of a worker of this service. */
  readonly name: string;
  readonly payload: JsonValue;
  /** Among the unfinished jobs of one name, a key exists once. */
  readonly key?: string;
  /** Not to run before so many milliseconds; default 0. */
  readonly delayMs?: number;
  /**
   * What becomes of a pending job with the same key: `keep` (default) leaves it as it is, `reschedule` gives it the new time
   * and payload. One that is running may not have seen what this transaction writes, so either way it runs once more after
   * it has finished; a job may enqueue itself again that way.
   */
  readonly ifExists?: 'keep' | 'reschedule';
  /** Trace that the job continues; default: the active one. */
  readonly trace?: TraceContext;
  /** Further traces that the job's span links to. */
  readonly links?: readonly TraceContext[];
}
