import { z } from 'zod';
import { timestamp } from './common.js';
import { defineEvent } from './event.js';
import { scoreFactor } from './ideas.js';

export const weightsUpdated = defineEvent({
  version: '1.0',
  description: 'The weights by which ideas are scored moved by a bounded step.',
  key: 'model',
  schema: z.object({
    /** There is one score; the field keeps its versions in order. */
    model: z.literal('idea-score'),
    /** Grows by one with each change. */
    version: z.int().positive(),
    /** Share of each factor, 0..1; together they are 1. */
    weights: z.record(scoreFactor, z.number().min(0).max(1)),
    /** Listed ideas that the step was learned from. */
    samples: z.int().nonnegative(),
    updatedAt: timestamp,
  }),
  example: {
    model: 'idea-score',
    version: 2,
    weights: { freshness: 0.34, engagement: 0.31, novelty: 0.15, communityFit: 0.1, seasonality: 0.1 },
    samples: 64,
    updatedAt: '2026-05-05T02:00:00.000Z',
  },
});
