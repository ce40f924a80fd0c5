import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@signalpress/testing';
import type { Neighbourhood } from './service.js';
import { apiKey, startService } from './service.js';
import { shelve } from './shelf.js';

describe('the sync of our listings with the marketplace', () => {
  let shop: Neighbourhood;
  beforeAll(async () => {
    shop = await startService({ SYNC_SECONDS: '1', OBSERVE_SECONDS: '3600', STOREFRONT_FAULTS: '1' });
  }, 60_000);
  afterAll(() => shop.close());

  const admin = async (listingId: string, change: object): Promise<void> => {
    const answer = await fetch(`${shop.url}/storefront/api/listings/${listingId}/admin`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(change),
    });
    expect(answer.status).toBe(200);
  };
  const told = async (ideaId: string, count: number) =>
    (await shop.waitForEvents('listings.drifted', { key: ideaId, count })).map(({ data }) => data);
  const state = async (ideaId: string) =>
    shop.db.kysely
      .selectFrom('listing_drifts')
      .innerJoin('listings', 'listings.id', 'listing_drifts.listing')
      .select(['drifts', 'since', 'listing_drifts.observed_at as observedAt'])
      .where('idea_id', '=', ideaId)
      .executeTakeFirst();
  const reads = () => shop.calls.filter((call) => call.includes('limit=100')).length;
  const rounds = async (count: number): Promise<void> => {
    const before = reads();
    // The last one has begun when it is seen, and the one before has ended.
    await waitFor(() => reads() > before + count, { timeoutMs: 20_000, message: `${count} rounds` });
  };
  const gauge = async (kind: string): Promise<number> => {
    const text = await (await fetch(`${shop.url}/metrics`)).text();
    return Number(new RegExp(`^listing_drifts\\{kind="${kind}"\\} (\\S+)`, 'm').exec(text)?.[1]);
  };

  it.each([
    ['flagged', { flagged: true }, { flagged: false }, { expected: null, actual: null }],
    ['price', { priceMinor: 999 }, { priceMinor: 2_199 }, { expected: '21.99 EUR', actual: '9.99 EUR' }],
    ['title', { title: 'Hot' }, { title: 'Cold Water Club' }, { expected: 'Cold Water Club', actual: 'Hot' }],
    ['removed', { removed: true }, { removed: false }, { expected: null, actual: null }],
  ])('tells once that a listing is %s, and once that it is repaired', async (kind, change, repair, texts) => {
    const [listing] = await shelve(shop, 1);
    const { ideaId, listingId, sku } = listing!;
    await admin(listingId, change);
    const [first] = await told(ideaId, 1);
    const marketplace = 'storefront';
    expect(first).toMatchObject({ ideaId, marketplace, listingId, sku, drifts: [{ kind, ...texts }] });
    expect(await state(ideaId)).toMatchObject({ drifts: first!.drifts, since: new Date(first!.observedAt) });
    expect(await gauge(kind)).toBe(1);
    await rounds(2);
    expect(await told(ideaId, 1)).toHaveLength(1);

    await admin(listingId, repair);
    const [, second, ...more] = await told(ideaId, 2);
    expect([second?.drifts, more]).toEqual([[], []]);
    expect(await state(ideaId)).toBeUndefined();
    expect(await gauge(kind)).toBe(0);
  });

  it('tells the whole set when it changes, and keeps since when', async () => {
    const [listing] = await shelve(shop, 1);
    const { ideaId, listingId } = listing!;
    await admin(listingId, { priceMinor: 999 });
    const [first] = await told(ideaId, 1);
    await admin(listingId, { flagged: true, title: 'Hot' });
    const second = (await told(ideaId, 2))[1]!;
    expect(second.drifts.map(({ kind }) => kind)).toEqual(['flagged', 'price', 'title']);
    expect(second.observedAt > first!.observedAt).toBe(true);
    expect(await state(ideaId)).toMatchObject({
      since: new Date(first!.observedAt),
      observedAt: new Date(second.observedAt),
    });
    await admin(listingId, { removed: true });
    expect((await told(ideaId, 3))[2]!.drifts.map(({ kind }) => kind)).toEqual(['removed']);
    await admin(listingId, { removed: false, flagged: false, priceMinor: 2_199, title: 'Cold Water Club' });
    expect((await told(ideaId, 4))[3]!.drifts).toEqual([]);
  });

  it('concludes nothing from a marketplace that is away, and goes on when it is back', async () => {
    const [listing, other] = await shelve(shop, 2);
    await admin(listing!.listingId, { flagged: true });
    await told(listing!.ideaId, 1);
    const before = (await shop.events('listings.drifted')).length;
    const slowDown = { status: 429, headers: { 'retry-after': '1' } };
    shop.disturb(/limit=100/, { status: 503 }, slowDown, 'lose-answer', { status: 401 });
    // Meanwhile the shop drifts further, unseen.
    await admin(other!.listingId, { removed: true });
    const [event] = await waitFor(
      async () => {
        const events = await shop.events('listings.drifted', other!.ideaId);
        return events.length > 0 && events.map(({ data }) => data);
      },
      { timeoutMs: 45_000, message: 'the marketplace to be believed again' },
    );
    expect(event?.drifts.map(({ kind }) => kind)).toEqual(['removed']);
    const events = (await shop.events('listings.drifted')).slice(before);
    expect(events.map(({ data }) => data.ideaId)).toEqual([other!.ideaId]);
    expect(await state(listing!.ideaId)).toMatchObject({ drifts: [{ kind: 'flagged' }] });
    await admin(listing!.listingId, { flagged: false });
    await admin(other!.listingId, { removed: false });
    await told(listing!.ideaId, 2);
    await told(other!.ideaId, 2);
  }, 60_000);

  it('takes what we withdraw ourselves for no drift, and clears what was known of it', async () => {
    const [flagged, fine] = await shelve(shop, 2);
    await admin(flagged!.listingId, { flagged: true });
    await told(flagged!.ideaId, 1);
    for (const { ideaId, commandId, sku } of [flagged!, fine!]) {
      const target = { ideaId, commandId, marketplace: 'storefront' as const, sku };
      await shop.emit('listings.withdraw-requested', { ...target, reason: 'spec', requestedAt: fine!.publishedAt });
      await shop.waitForEvents('listings.withdrawn', { key: ideaId });
    }
    await rounds(2);
    expect((await told(flagged!.ideaId, 2)).map(({ drifts }) => drifts.length)).toEqual([1, 0]);
    expect(await shop.events('listings.drifted', fine!.ideaId)).toEqual([]);
    expect(await state(flagged!.ideaId)).toBeUndefined();
  });

  it('counts what it compared', async () => {
    const text = await (await fetch(`${shop.url}/metrics`)).text();
    for (const outcome of ['as-published', 'drifted']) {
      expect(text).toMatch(
        new RegExp(`^listings_synced_total\\{marketplace="storefront",outcome="${outcome}"\\} [1-9]`, 'm'),
      );
    }
  });
});
