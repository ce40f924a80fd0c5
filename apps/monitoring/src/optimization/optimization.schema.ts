import { z } from 'zod';
import { windowHours } from '../series/window.js';

export const optimizationQuery = z.object({ windowHours: windowHours.default(168) });
export type OptimizationQuery = z.output<typeof optimizationQuery>;

const count = z.int().nonnegative();
const share = z.number().min(0).max(1).nullable();

/** Answer of `GET /optimization`: how well ideas are chosen. */
export const optimizationReport = z.object({
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  scores: z.array(z.object({ source: z.string(), scores: count, mean: z.number(), p95: z.number() })),
  factors: z.array(z.object({ factor: z.string(), meanValue: z.number(), meanWeight: z.number() })),
  /** The weights that were learned in the window, newest first; at most 50 versions. */
  weights: z.array(
    z.object({
      version: z.int(),
      updatedAt: z.iso.datetime(),
      samples: count,
      weights: z.record(z.string(), z.number()),
    }),
  ),
  /** By the newest decision of each idea; the rate is of those that are approved or rejected. */
  approvals: z.object({ approved: count, rejected: count, held: count, deferred: count, rate: share }),
  /** By the newest figures of each idea. */
  performance: z.object({ ideas: count, views: count, favourites: count, sales: count, conversion: share }),
});
export type OptimizationReport = z.output<typeof optimizationReport>;
