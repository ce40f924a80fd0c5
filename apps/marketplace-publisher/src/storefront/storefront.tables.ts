import type { ColumnType, Generated, JSONColumnType } from '@signalpress/persistence';

export interface ImagesTable {
  hash: string;
  media_type: string;
  content: Buffer;
  stored_at: Generated<Date>;
}

export interface ShopListingsTable {
  id: Generated<string>;
  /** bigint: read as text. */
  position: ColumnType<string, never, never>;
  sku: string;
  title: string;
  description: string;
  tags: JSONColumnType<string[]>;
  product: string;
  price_minor: number;
  currency: string;
  image_hash: string;
  published_at: Date;
  views: Generated<number>;
  favourites: Generated<number>;
  sales: Generated<number>;
  /** Under review. */
  flagged: Generated<boolean>;
  /** Removed by the marketplace; nobody sees it. */
  taken_down: Generated<boolean>;
}

export interface StorefrontTables {
  images: ImagesTable;
  listings: ShopListingsTable;
}
