import { z } from 'zod';
import { timestamp, uuid } from './common.js';
import { defineEvent } from './event.js';

export const signalsIngested = defineEvent({
  version: '1.0',
  description: 'A signal was normalised, freed of personal data, found to be new, and stored.',
  key: 'signalId',
  schema: z.object({
    signalId: uuid,
    /** Stable name of the source, e.g. `feed:sample` or `api`. Engagement is compared within a source. */
    source: z.string().min(1).max(200),
    /** The ingestion that brought it; one feed document or one request. */
    ingestionId: uuid,
    title: z.string().min(1).max(300),
    summary: z.string().max(2_000).default(''),
    url: z.url().max(2_000).nullable().default(null),
    topics: z.array(z.string().min(1).max(60)).max(20).default([]),
    /** When the source says that it was published; null when it does not say. */
    publishedAt: timestamp.nullable(),
    /** When Signalpress took it in: publish latency starts here. */
    capturedAt: timestamp,
    /** Interactions at the source (comments, points, shares), or null when the source has no such count. */
    engagement: z.number().nonnegative().nullable(),
  }),
  example: {
    signalId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01',
    source: 'feed:sample',
    ingestionId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a02',
    title: 'Balcony gardeners are growing strawberries in rain gutters',
    summary: 'A vertical strawberry patch that fits on two square metres.',
    url: 'https://feeds.example/strawberries',
    topics: ['gardening', 'balcony'],
    publishedAt: '2026-05-04T08:00:00.000Z',
    capturedAt: '2026-05-04T09:30:00.000Z',
    engagement: 42,
  },
});
