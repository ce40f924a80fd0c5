import { z } from 'zod';
import {
  failure,
  listingCopy,
  marketplace,
  money,
  preview,
  product,
  sha256,
  storedFile,
  timestamp,
  uuid,
} from './common.js';
import { defineEvent } from './event.js';

const hash = 'b'.repeat(64);
const ideaId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01';
const listingId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1c01';
const sku = 'SP-5B1F5A0E-TS';
const file = { hash, mediaType: 'image/webp' as const, bytes: 40_112, width: 1_000, height: 1_000 };

/** `commandId` is the hash of idea and marketplace: one idea has at most one listing on a marketplace. */
const target = { ideaId: uuid, commandId: sha256, marketplace, sku: z.string().regex(/^[A-Z0-9-]{4,40}$/) };

/** What publish latency is measured from; carried along so that the one who ends the clock knows when it began. */
const clock = {
  foundingCapturedAt: timestamp,
  /** Seconds that the idea waited for a person or for budget; not counted in publish latency. */
  heldSeconds: z.number().nonnegative(),
};

export const listingsRequested = defineEvent({
  version: '1.0',
  description: 'The orchestrator wants the idea listed on a marketplace.',
  key: 'ideaId',
  schema: z.object({
    ...target,
    ...clock,
    product,
    copy: listingCopy,
    design: storedFile,
    previews: z.array(preview).min(1).max(10),
    requestedAt: timestamp,
  }),
  example: {
    ideaId,
    commandId: hash,
    marketplace: 'storefront',
    sku,
    foundingCapturedAt: '2026-05-04T09:30:00.000Z',
    heldSeconds: 0,
    product: 't-shirt',
    copy: { title: 'Strawberries Above the Street', description: 'A gift for balcony gardeners.', tags: ['gardening'] },
    design: { ...file, mediaType: 'image/png' },
    previews: [{ product: 't-shirt', file }],
    requestedAt: '2026-05-04T09:30:04.100Z',
  },
});

export const listingsPublished = defineEvent({
  version: '1.0',
  description: 'The listing is visible on the marketplace.',
  key: 'ideaId',
  schema: z.object({
    ...target,
    ...clock,
    /** The marketplace's own identifier of the listing. */
    listingId: z.string().min(1).max(100),
    url: z.url().max(2_000),
    price: money,
    publishedAt: timestamp,
  }),
  example: {
    ideaId,
    commandId: hash,
    marketplace: 'storefront',
    sku,
    foundingCapturedAt: '2026-05-04T09:30:00.000Z',
    heldSeconds: 0,
    listingId,
    url: `http://127.0.0.1:8003/storefront/listings/${listingId}`,
    price: { amountMinor: 2_199, currency: 'EUR' },
    publishedAt: '2026-05-04T09:30:04.900Z',
  },
});

export const listingsFailed = defineEvent({
  version: '1.0',
  description: 'The marketplace refuses the listing; trying the same again would not help.',
  key: 'ideaId',
  schema: z.object({ ...target, ...failure.shape, failedAt: timestamp }),
  example: {
    ideaId,
    commandId: hash,
    marketplace: 'storefront',
    sku,
    code: 'title-too-long',
    message: 'The title has 141 characters; the marketplace takes 140.',
    failedAt: '2026-05-04T09:30:04.900Z',
  },
});

export const listingsWithdrawRequested = defineEvent({
  version: '1.0',
  description: 'The orchestrator wants the listing taken down.',
  key: 'ideaId',
  schema: z.object({ ...target, reason: z.string().min(1).max(500), requestedAt: timestamp }),
  example: {
    ideaId,
    commandId: hash,
    marketplace: 'storefront',
    sku,
    reason: 'withdrawn by hand',
    requestedAt: '2026-05-05T09:30:04.900Z',
  },
});

export const listingsWithdrawn = defineEvent({
  version: '1.0',
  description: 'The listing is gone from the marketplace.',
  key: 'ideaId',
  schema: z.object({ ...target, withdrawnAt: timestamp }),
  example: { ideaId, commandId: hash, marketplace: 'storefront', sku, withdrawnAt: '2026-05-05T09:30:05.900Z' },
});

export const listingsObserved = defineEvent({
  version: '1.0',
  description: "A listing's counts at the marketplace changed. Counts are cumulative, so the newest observation wins.",
  key: 'ideaId',
  schema: z.object({
    ideaId: uuid,
    marketplace,
    listingId: z.string().min(1).max(100),
    views: z.int().nonnegative(),
    favourites: z.int().nonnegative(),
    sales: z.int().nonnegative(),
    observedAt: timestamp,
  }),
  example: {
    ideaId,
    marketplace: 'storefront',
    listingId,
    views: 12,
    favourites: 3,
    sales: 1,
    observedAt: '2026-05-04T10:30:00.000Z',
  },
});

/** One way in which a listing is not what was published. */
export const listingDrift = z.object({
  kind: z.enum(['removed', 'flagged', 'price', 'title']),
  /** What was published; null where the kind says it all. */
  expected: z.string().max(300).nullable(),
  /** What the marketplace shows. */
  actual: z.string().max(300).nullable(),
});
export type ListingDrift = z.output<typeof listingDrift>;

export const listingsDrifted = defineEvent({
  version: '1.0',
  description:
    'A listing differs from what was published, or does no longer. The newest observation is the whole truth.',
  key: 'ideaId',
  schema: z.object({
    ideaId: uuid,
    marketplace,
    listingId: z.string().min(1).max(100),
    sku: target.sku,
    /** Everything that differs now; empty once the listing is repaired. */
    drifts: z.array(listingDrift).max(4),
    observedAt: timestamp,
  }),
  example: {
    ideaId,
    marketplace: 'storefront',
    listingId,
    sku,
    drifts: [{ kind: 'price', expected: '21.99 EUR', actual: '9.99 EUR' }],
    observedAt: '2026-05-04T10:30:00.000Z',
  },
});
