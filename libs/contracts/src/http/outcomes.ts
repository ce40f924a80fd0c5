import { z } from 'zod';

/** What became of an accepted signal. Exactly one holds at any moment; `pending` is the only one that is not an answer. */
export const signalOutcome = z.object({
  signalId: z.uuid(),
  outcome: z.enum(['pending', 'listed', 'rejected', 'held', 'duplicate', 'failed', 'deferred']),
  ideaId: z.uuid().nullable(),
  /** Rule of a rejection, cause of a failure, whom it is held for, idea that it repeats, or until when it is deferred. */
  detail: z.string().nullable(),
  /** Pages of its listings. */
  urls: z.array(z.string()),
  /** Publish latency in milliseconds of the idea; null unless listed. */
  publishLatencyMs: z.number().nonnegative().nullable(),
});
export type SignalOutcome = z.output<typeof signalOutcome>;

/** Answer of `GET /outcomes?ingestionId=…`. */
export const outcomes = z.object({ items: z.array(signalOutcome), pending: z.int().nonnegative() });
export type Outcomes = z.output<typeof outcomes>;

/** Answer of `GET /progress`: how far the pipeline has come, counted over everything it has seen. */
export const progress = z.object({
  signals: z.int().nonnegative(),
  ideas: z.int().nonnegative(),
  approved: z.int().nonnegative(),
  rejected: z.int().nonnegative(),
  held: z.int().nonnegative(),
  deferred: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  mockups: z.int().nonnegative(),
  listings: z.int().nonnegative(),
  /** Publish latency over the listed ideas in milliseconds; null before the first. */
  publishLatencyMs: z.object({ p50: z.number(), p95: z.number() }).nullable(),
});
export type Progress = z.output<typeof progress>;
