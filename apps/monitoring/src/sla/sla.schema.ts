import { z } from 'zod';
import { page, windowHours } from '../series/window.js';

export const slaQuery = z.object({
  windowHours: windowHours.optional(),
  ...page,
  limit: page.limit.default(20),
});

/** Answer of `GET /sla`. */
export const slaReport = z.object({
  /** Whether the mean is inside the agreement; too few ideas say nothing. */
  verdict: z.enum(['inside', 'outside', 'too-few']),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  windowHours: z.number(),
  thresholdSeconds: z.number(),
  minimumSamples: z.int(),
  ideas: z.int(),
  meanSeconds: z.number().nullable(),
  withinShare: z.number().min(0).max(1).nullable(),
  oldestUnpublishedAgeSeconds: z.number().nullable(),
  stuck: z.object({
    /** All there are; `ideas` is a page of them, oldest first. */
    count: z.int(),
    nextCursor: z.string().nullable(),
    ideas: z.array(
      z.object({
        ideaId: z.uuid(),
        phrase: z.string().nullable(),
        step: z.enum(['deciding', 'rendering', 'listing']),
        since: z.iso.datetime(),
        ageSeconds: z.number(),
      }),
    ),
  }),
});
export type SlaReport = z.output<typeof slaReport>;
