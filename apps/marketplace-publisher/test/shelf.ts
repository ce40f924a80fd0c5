import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '@signalpress/persistence';
import { sql } from '@signalpress/persistence';
import type { PublisherTables } from '../src/publishing/listings.tables.js';

/** A listing that was published long ago: one row of ours and, unless it is gone, one of the storefront. */
export interface Shelved {
  readonly ideaId: string;
  readonly commandId: string;
  readonly listingId: string;
  readonly sku: string;
  readonly publishedAt: string;
}

const imageHash = 'a'.repeat(64);
const copy = { title: 'Cold Water Club', description: 'For people who swim in January.', tags: ['swimming'] };
const publishedAt = '2026-05-04T09:30:04.900Z';

function listing(): Shelved {
  const [ideaId, listingId] = [randomUUID(), randomUUID()];
  const commandId = createHash('sha256').update(ideaId).digest('hex');
  const sku = `SP-${randomUUID().slice(0, 18).toUpperCase()}-TS`;
  return { ideaId, commandId, listingId, sku, publishedAt };
}

/**
 * Writes published listings down as they are after publishing, without publishing them one by one.
 *
 * @param onTheShelf false: the storefront does not have them
 */
export async function shelve(
  { db }: { readonly db: Database<PublisherTables> },
  count: number,
  onTheShelf = true,
): Promise<Shelved[]> {
  const listings = Array.from({ length: count }, listing);
  const rows = JSON.stringify(listings);
  await db.transaction(async (tx) => {
    if (onTheShelf) {
      await sql`insert into storefront.images (hash, media_type, content) values (${imageHash}, 'image/webp', 'picture')
        on conflict do nothing`.execute(tx);
      await sql`
        insert into storefront.listings
          (id, sku, title, description, tags, product, price_minor, currency, image_hash, published_at)
        select "listingId", sku, ${copy.title}, ${copy.description}, ${JSON.stringify(copy.tags)}::jsonb, 't-shirt', 2199,
          'EUR', ${imageHash}, ${publishedAt}::timestamptz
        from jsonb_to_recordset(${rows}::jsonb) as row ("listingId" uuid, sku text)`.execute(tx);
    }
    await sql`
      insert into listings (command_id, idea_id, marketplace, sku, product, copy, preview, founding_captured_at, held_seconds,
        state, listing_id, url, price_minor, currency, published_at, requested_at)
      select "commandId", "ideaId", 'storefront', sku, 't-shirt', ${JSON.stringify(copy)}::jsonb, '{}', ${publishedAt}::timestamptz,
        0, 'published', "listingId", 'https://shop.example/', 2199, 'EUR', ${publishedAt}::timestamptz, ${publishedAt}::timestamptz
      from jsonb_to_recordset(${rows}::jsonb) as row ("commandId" text, "ideaId" uuid, "listingId" text, sku text)`.execute(
      tx,
    );
  });
  return listings;
}
