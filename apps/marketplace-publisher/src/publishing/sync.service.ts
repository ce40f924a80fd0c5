import { Injectable } from '@nestjs/common';
import type { Marketplace } from '@signalpress/contracts';
import type { DriftChange, PublishedListing } from './drifts.repository.js';
import { DriftsRepository } from './drifts.repository.js';
import { driftsOf, sameDrifts } from './drifts.js';
import type { ShelfListing } from './marketplace.js';
import { StorefrontClient } from './storefront.client.js';

/** One page has 100 listings. */
const mostPages = 200;
const mostListings = 20_000;
/** What is left over is found again in the next round. */
const mostChanges = 1_000;

/** What one round found. */
export interface Comparison {
  /** Listings that were compared. */
  readonly compared: number;
  /** Those of them that differ from what was published. */
  readonly drifted: number;
  /** False when the marketplace has more listings than are read: none of ours then counts as removed. */
  readonly complete: boolean;
  /** What is new about them. */
  readonly changes: readonly DriftChange[];
}

/** Compares what we published with what the marketplace shows. */
@Injectable()
export class SyncService {
  constructor(
    private readonly drifts: DriftsRepository,
    private readonly storefront: StorefrontClient,
  ) {}

  /**
   * Reads only. Nothing is concluded from a marketplace that is away or answers in part: the round fails and the next one
   * tries again.
   *
   * @throws UnavailableError, RefusedError
   */
  async compare(marketplace: Marketplace, signal?: AbortSignal): Promise<Comparison> {
    // Ours first: what is published while the pages are read may be missing in them, and is none of these.
    const ours = await this.drifts.published(marketplace, mostListings);
    if (ours.length === 0) return { compared: 0, drifted: 0, complete: true, changes: [] };
    const { shelf, complete } = await this.shelf(signal);
    let compared = 0;
    let drifted = 0;
    const changes: DriftChange[] = [];
    for (const listing of ours) {
      const published = publishedFacts(listing);
      if (published === undefined) continue;
      const shown = shelf.get(published.listingId);
      if (shown === undefined && !complete) continue;
      const drifts = driftsOf(published, shown);
      compared += 1;
      if (drifts.length > 0) drifted += 1;
      if (!sameDrifts(listing.drifts ?? [], drifts) && changes.length < mostChanges) changes.push({ listing, drifts });
    }
    return { compared, drifted, complete, changes };
  }

  private async shelf(signal?: AbortSignal): Promise<{ shelf: Map<string, ShelfListing>; complete: boolean }> {
    const shelf = new Map<string, ShelfListing>();
    let cursor: string | null = null;
    for (let page = 0; page < mostPages; page += 1) {
      const { items, nextCursor } = await this.storefront.listings(cursor, signal);
      for (const item of items) shelf.set(item.listingId, item);
      if (nextCursor === null) return { shelf, complete: true };
      cursor = nextCursor;
    }
    return { shelf, complete: false };
  }
}

function publishedFacts({ listing_id: listingId, price_minor: amountMinor, currency, copy }: PublishedListing) {
  if (listingId === null || amountMinor === null || currency === null) return undefined;
  return { listingId, title: copy.title, price: { amountMinor, currency } };
}
