import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Metrics } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { DriftsRepository } from '../src/publishing/drifts.repository.js';
import { PublishingOptions } from '../src/publishing/publishing.options.js';
import { StorefrontClient } from '../src/publishing/storefront.client.js';
import { SyncService } from '../src/publishing/sync.service.js';
import type { Neighbourhood } from './service.js';
import { apiKey, startService } from './service.js';
import { shelve } from './shelf.js';

const rarely = { SYNC_SECONDS: '86400', OBSERVE_SECONDS: '86400' };

describe('one round of the sync', () => {
  let shop: Neighbourhood;
  let sync: SyncService;
  beforeAll(async () => {
    shop = await startService(rarely);
    sync = new SyncService(new DriftsRepository(shop.db), client(shop));
    await waitFor(ownRoundsAreOver, { timeoutMs: 30_000, message: 'the rounds that the service makes at its start' });
  }, 60_000);
  afterAll(() => shop.close());

  /** The next of what recurs is a day away. */
  const ownRoundsAreOver = async (): Promise<boolean> => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from jobs
      where name in ('sync', 'observe') and state = 'pending' and run_at > now() + interval '1 hour'`.execute(
      shop.db.kysely,
    );
    return rows[0]?.count === 2;
  };
  const client = ({ storefrontUrl }: Neighbourhood): StorefrontClient =>
    new StorefrontClient(
      new PublishingOptions({
        filesUrl: storefrontUrl,
        storefrontUrl,
        storefrontPublicUrl: storefrontUrl,
        storefrontApiKey: apiKey,
        margin: 0.35,
        observeEveryMs: 1,
        syncEveryMs: 1,
      }),
      new Metrics(),
    );
  const readsDuring = async (work: () => Promise<unknown>): Promise<number> => {
    const before = shop.calls.length;
    await work();
    return shop.calls.slice(before).filter((call) => call.includes('limit=100')).length;
  };

  it('asks nothing while nothing of ours is published', async () => {
    expect(await readsDuring(() => sync.compare('storefront'))).toBe(0);
  });

  it('does not take for removed what is published while the pages are read', async () => {
    const [known] = await shelve(shop, 1);
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    shop.disturb(/limit=100/, gate);
    const before = shop.calls.length;
    const round = sync.compare('storefront');
    await waitFor(() => shop.calls.length > before, { timeoutMs: 10_000, message: 'the first page to be asked for' });
    const [late] = await shelve(shop, 1, false);
    goOn();
    expect(await round).toEqual({ compared: 1, drifted: 0, complete: true, changes: [] });
    // A round that begins later finds it missing.
    const { changes } = await sync.compare('storefront');
    expect(changes.map(({ listing }) => listing.idea_id)).toEqual([late!.ideaId]);
    await sql`delete from listings where idea_id in (${known!.ideaId}, ${late!.ideaId})`.execute(shop.db.kysely);
    await sql`delete from storefront.listings`.execute(shop.db.kysely);
  });

  it('takes a thousand listings in pages, in time that grows with their number', async () => {
    const quickest = async (work: () => Promise<unknown>): Promise<number> => {
      const times: number[] = [];
      for (let run = 0; run < 4; run += 1) {
        const start = performance.now();
        await work();
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    await shelve(shop, 100);
    const few = await quickest(() => sync.compare('storefront'));
    await shelve(shop, 900);
    const many = await quickest(() => sync.compare('storefront'));
    // Ten when nothing else runs; a hundred if each listing were compared with each.
    expect(many / few).toBeLessThan(50);

    await sql`update storefront.listings set price_minor = 999 where position % 2 = 0`.execute(shop.db.kysely);
    await sql`update storefront.listings set taken_down = true where position % 10 = 1`.execute(shop.db.kysely);
    let kinds: string[] = [];
    const reads = await readsDuring(async () => {
      const { compared, drifted, changes } = await sync.compare('storefront');
      expect([compared, drifted, changes.length]).toEqual([1_000, 600, 600]);
      kinds = changes.flatMap(({ drifts }) => drifts.map(({ kind }) => kind));
    });
    expect(reads).toBe(9);
    expect(kinds.filter((kind) => kind === 'price')).toHaveLength(500);
    expect(kinds.filter((kind) => kind === 'removed')).toHaveLength(100);
  });
});

describe('two instances', () => {
  it('tell each change once', async () => {
    const often = { SYNC_SECONDS: '1', OBSERVE_SECONDS: '86400' };
    const first = await startService(often);
    const second = await startService(often, first);
    try {
      const listings = await shelve(first, 250);
      for (const price of [999, 1_999, 2_199]) {
        await sql`update storefront.listings set price_minor = ${price}`.execute(first.db.kysely);
        const known = price === 2_199 ? 0 : listings.length;
        const expected = JSON.stringify([{ actual: `${(price / 100).toFixed(2)} EUR` }]);
        await waitFor(
          async () => {
            const { rows } = await sql<{ count: number }>`
              select count(*)::int as count from listing_drifts where ${known === 0} or drifts @> ${expected}::jsonb`.execute(
              first.db.kysely,
            );
            return rows[0]?.count === known;
          },
          { timeoutMs: 20_000, message: `all to be known at ${price}` },
        );
      }
      const reads = () => [...first.calls, ...second.calls].filter((call) => call.includes('limit=100')).length;
      const before = reads();
      await waitFor(() => reads() >= before + 6, { timeoutMs: 20_000, message: 'two further rounds' });
      const events = await first.events('listings.drifted');
      expect(events).toHaveLength(3 * listings.length);
      for (const { ideaId } of listings) {
        const changes = events.filter(({ data }) => data.ideaId === ideaId);
        expect(changes.map(({ data }) => data.drifts[0]?.actual)).toEqual(['9.99 EUR', '19.99 EUR', undefined]);
      }
    } finally {
      await second.close();
      await first.close();
    }
  }, 90_000);
});
