import { alertCondition } from '@signalpress/contracts';
import { z } from 'zod';

/** Two months: a page of days is read as a whole. */
const LONGEST_WINDOW_HOURS = 24 * 62;

export const dailySummaryQuery = z.object({
  windowHours: z.coerce.number().positive().max(LONGEST_WINDOW_HOURS).default(168),
  limit: z.coerce.number().int().min(1).max(62).default(31),
  /** The last day of the page before. */
  cursor: z.iso.date().optional(),
});
export type DailySummaryQuery = z.output<typeof dailySummaryQuery>;

const count = z.int().nonnegative();

/** One day of the shop. */
export const daySummary = z.object({
  day: z.iso.date(),
  /** Signals that were captured on the day. */
  signals: count,
  /** Ideas whose founding signal was, by what has become of them until now. */
  ideas: z.record(z.string(), count),
  /** First listings of the day. */
  published: z.object({
    ideas: count,
    meanSeconds: z.number().nullable(),
    p95Seconds: z.number().nullable(),
    withinSla: count,
  }),
  /** Of those, the ones that sell and please most. */
  topIdeas: z.array(
    z.object({
      ideaId: z.uuid(),
      phrase: z.string().nullable(),
      score: z.number().nullable(),
      views: count,
      favourites: count,
      sales: count,
    }),
  ),
  incidents: z.array(z.object({ condition: alertCondition, opened: count, stillOpen: count })),
});
export type DaySummary = z.output<typeof daySummary>;

/** Answer of `GET /daily-summary`, newest day first. */
export const dailySummary = z.object({
  timezone: z.string(),
  items: z.array(daySummary),
  nextCursor: z.iso.date().nullable(),
});
export type DailySummary = z.output<typeof dailySummary>;
