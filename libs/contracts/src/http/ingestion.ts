import { z } from 'zod';

/** What became of one item of an ingestion at the door; accepted items get their outcome further down the pipeline. */
export const ingestionItem = z.object({
  /** Position in the document or request, from 0. */
  index: z.int().nonnegative(),
  /** The item's own identifier (guid, id, or link), or null. */
  externalId: z.string().nullable(),
  title: z.string().nullable(),
  result: z.enum(['accepted', 'duplicate', 'rejected']),
  /** The stored signal: the new one, or the one that a duplicate repeats. */
  signalId: z.uuid().nullable(),
  /** The rule that rejected the item, e.g. `title-missing`; null otherwise. */
  rule: z.string().nullable(),
});
export type IngestionItem = z.output<typeof ingestionItem>;

/** Answer of `POST /ingestions`, `POST /signals` and `GET /ingestions/:id`. */
export const ingestion = z.object({
  ingestionId: z.uuid(),
  source: z.string(),
  receivedAt: z.iso.datetime(),
  totals: z.object({
    items: z.int().nonnegative(),
    accepted: z.int().nonnegative(),
    duplicate: z.int().nonnegative(),
    rejected: z.int().nonnegative(),
  }),
  items: z.array(ingestionItem),
});
export type Ingestion = z.output<typeof ingestion>;
