import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import type { ListingRow } from './listings.repository.js';
import { ListingsRepository } from './listings.repository.js';
import type { ListingState } from './listings.tables.js';

const position = z.object({ requestedAt: z.iso.datetime(), id: z.uuid() });

const cursor = z
  .string()
  .max(200)
  .transform((text, context) => {
    try {
      return position.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a cursor of an earlier page' });
      return z.NEVER;
    }
  });

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: cursor.optional(),
  ideaId: z.uuid().optional(),
});
type ListQuery = z.output<typeof listQuery>;

/** A listing as the API shows it. */
export interface ListingView {
  id: string;
  ideaId: string;
  marketplace: string;
  sku: string;
  product: string;
  title: string;
  state: ListingState;
  listingId: string | null;
  url: string | null;
  price: { amountMinor: number; currency: string } | null;
  previewHash: string;
  counts: { views: number; favourites: number; sales: number };
  failure: { code: string; message: string } | null;
  requestedAt: string;
  publishedAt: string | null;
  withdrawnAt: string | null;
}

@Controller('listings')
export class ListingsController {
  constructor(private readonly listings: ListingsRepository) {}

  /** Newest first. */
  @Get()
  async list(
    @Query({ schema: listQuery }) query: ListQuery,
  ): Promise<{ items: ListingView[]; nextCursor: string | null }> {
    const { limit, cursor: after, ideaId } = query;
    const rows = await this.listings.list({ limit: limit + 1, after, ideaId });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items: items.map(viewOf), nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
  }

  @Get(':id')
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<ListingView> {
    const row = await this.listings.find(id);
    if (row === undefined) throw new NotFoundException('There is no such listing.');
    return viewOf(row);
  }
}

const cursorOf = (row: ListingRow): string =>
  Buffer.from(JSON.stringify({ requestedAt: row.requested_at.toISOString(), id: row.id })).toString('base64url');

const viewOf = (row: ListingRow): ListingView => ({
  id: row.id,
  ideaId: row.idea_id,
  marketplace: row.marketplace,
  sku: row.sku,
  product: row.product,
  title: row.copy.title,
  state: row.state,
  listingId: row.listing_id,
  url: row.url,
  price:
    row.price_minor === null || row.currency === null ? null : { amountMinor: row.price_minor, currency: row.currency },
  previewHash: row.preview.hash,
  counts: { views: row.views, favourites: row.favourites, sales: row.sales },
  failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message ?? '' },
  requestedAt: row.requested_at.toISOString(),
  publishedAt: row.published_at?.toISOString() ?? null,
  withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
});
