import { z } from 'zod';
import { timestamp, uuid } from './common.js';
import { defineEvent } from './event.js';

export const feedbackReceived = defineEvent({
  version: '1.0',
  description: 'How an idea performs over all of its listings, by the newest observations.',
  key: 'ideaId',
  schema: z.object({
    ideaId: uuid,
    views: z.int().nonnegative(),
    favourites: z.int().nonnegative(),
    sales: z.int().nonnegative(),
    /** sales ÷ views, 0..1; null before the first view. */
    conversion: z.number().min(0).max(1).nullable(),
    observedAt: timestamp,
  }),
  example: {
    ideaId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01',
    views: 12,
    favourites: 3,
    sales: 1,
    conversion: 0.083,
    observedAt: '2026-05-04T10:30:00.000Z',
  },
});
