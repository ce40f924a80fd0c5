import type { ListingCopy, ListingDrift, Marketplace, Product, StoredFile } from '@signalpress/contracts';
import type { ColumnType, Generated, JSONColumnType } from '@signalpress/persistence';

export type ListingState = 'requested' | 'published' | 'failed' | 'withdrawing' | 'withdrawn';

export interface ListingsTable {
  id: Generated<string>;
  command_id: string;
  idea_id: string;
  marketplace: Marketplace;
  sku: string;
  product: Product;
  copy: JSONColumnType<ListingCopy>;
  preview: JSONColumnType<StoredFile>;
  founding_captured_at: ColumnType<Date, string, never>;
  held_seconds: number;
  state: Generated<ListingState>;
  listing_id: string | null;
  url: string | null;
  price_minor: number | null;
  currency: string | null;
  published_at: Date | null;
  withdrawn_at: Date | null;
  failure_code: string | null;
  failure_message: string | null;
  views: Generated<number>;
  favourites: Generated<number>;
  sales: Generated<number>;
  observed_at: Date | null;
  requested_at: ColumnType<Date, string, string>;
}

export interface ListingDriftsTable {
  listing: string;
  /** Written as text, so that the array is not taken for a PostgreSQL array. */
  drifts: ColumnType<ListingDrift[], string, string>;
  since: ColumnType<Date, Date, never>;
  observed_at: Date;
}

export interface PublisherTables {
  listings: ListingsTable;
  listing_drifts: ListingDriftsTable;
}
