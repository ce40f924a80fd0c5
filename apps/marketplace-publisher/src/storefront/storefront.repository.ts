import { Injectable } from '@nestjs/common';
import type { Kysely, Selectable } from '@signalpress/persistence';
import { Database, isUniqueViolation } from '@signalpress/persistence';
import type { AdminChange, ListingChange, NewListing } from './storefront.schemas.js';
import type { ImagesTable, ShopListingsTable, StorefrontTables } from './storefront.tables.js';

export type ShopListing = Selectable<ShopListingsTable>;
export type Counter = 'views' | 'favourites' | 'sales';

export interface ListingPage {
  readonly items: readonly ShopListing[];
  /** Position to continue before, or null on the last page. */
  readonly next: string | null;
}

/** The storefront's own tables, in its own schema; it borrows the connections of the process and nothing else. */
@Injectable()
export class StorefrontRepository {
  private readonly shop: Kysely<StorefrontTables>;

  constructor(db: Database<StorefrontTables>) {
    this.shop = db.kysely.withSchema('storefront');
  }

  /** Stores a picture; true when it is new. */
  async putImage(hash: string, mediaType: string, content: Buffer): Promise<boolean> {
    const stored = await this.shop
      .insertInto('images')
      .values({ hash, media_type: mediaType, content })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .executeTakeFirst();
    return stored.numInsertedOrUpdatedRows === 1n;
  }

  findImage(hash: string): Promise<Selectable<ImagesTable> | undefined> {
    return this.shop.selectFrom('images').selectAll().where('hash', '=', hash).executeTakeFirst();
  }

  async hasImage(hash: string): Promise<boolean> {
    const row = await this.shop.selectFrom('images').select('hash').where('hash', '=', hash).executeTakeFirst();
    return row !== undefined;
  }

  /** Opens a listing; undefined when the SKU has one already. */
  async create(listing: NewListing, publishedAt: Date): Promise<ShopListing | undefined> {
    try {
      return await this.shop
        .insertInto('listings')
        .values({
          sku: listing.sku,
          title: listing.title,
          description: listing.description,
          tags: JSON.stringify(listing.tags),
          product: listing.product,
          price_minor: listing.price.amountMinor,
          currency: listing.price.currency,
          image_hash: listing.imageHash,
          published_at: publishedAt,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
    } catch (error) {
      if (isUniqueViolation(error, 'listings_sku_key')) return undefined;
      throw error;
    }
  }

  find(id: string): Promise<ShopListing | undefined> {
    return this.shelf().where('id', '=', id).executeTakeFirst();
  }

  findBySku(sku: string): Promise<ShopListing | undefined> {
    return this.shelf().where('sku', '=', sku).executeTakeFirst();
  }

  /** Newest first. */
  async page(limit: number, before: string | undefined): Promise<ListingPage> {
    let query = this.shelf()
      .orderBy('position', 'desc')
      .limit(limit + 1);
    if (before !== undefined) query = query.where('position', '<', before);
    const rows = await query.execute();
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1)?.position ?? null) : null };
  }

  change(id: string, { title, description, tags, price }: ListingChange): Promise<ShopListing | undefined> {
    return this.shop
      .updateTable('listings')
      .set({
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
        ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
        ...(price === undefined ? {} : { price_minor: price.amountMinor, currency: price.currency }),
      })
      .where('id', '=', id)
      .where('taken_down', '=', false)
      .returningAll()
      .executeTakeFirst();
  }

  /** What the marketplace itself does to a listing, whether it is on the shelf or not. */
  moderate(id: string, { title, priceMinor, flagged, removed }: AdminChange): Promise<ShopListing | undefined> {
    return this.shop
      .updateTable('listings')
      .set({
        ...(title === undefined ? {} : { title }),
        ...(priceMinor === undefined ? {} : { price_minor: priceMinor }),
        ...(flagged === undefined ? {} : { flagged }),
        ...(removed === undefined ? {} : { taken_down: removed }),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
  }

  /** Takes a listing down, and its picture when no other listing shows it; false when there was none. */
  async removeBySku(sku: string): Promise<boolean> {
    const removed = await this.shop
      .deleteFrom('listings')
      .where('sku', '=', sku)
      .returning('image_hash')
      .executeTakeFirst();
    if (removed === undefined) return false;
    await this.shop
      .deleteFrom('images')
      .where('hash', '=', removed.image_hash)
      .where((row) =>
        row.not(
          row.exists(row.selectFrom('listings').select('id').whereRef('listings.image_hash', '=', 'images.hash')),
        ),
      )
      .execute();
    return true;
  }

  /** Adds one to a count; the row as it is then. */
  count(id: string, counter: Counter): Promise<ShopListing | undefined> {
    return this.shop
      .updateTable('listings')
      .set((row) => ({ [counter]: row(counter, '+', 1) }))
      .where('id', '=', id)
      .where('taken_down', '=', false)
      .returningAll()
      .executeTakeFirst();
  }

  /** What anybody can see. */
  private shelf() {
    return this.shop.selectFrom('listings').selectAll().where('taken_down', '=', false);
  }
}
