import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventInput } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import type { Neighbourhood } from './service.js';
import { apiKey, startService } from './service.js';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes that begin like a WebP picture; the storefront looks no further. */
function picture(seed: string): Buffer {
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), Buffer.from(seed.repeat(50))]);
}

describe('publishing', () => {
  let shop: Neighbourhood;
  beforeAll(async () => {
    shop = await startService();
  }, 60_000);
  afterAll(() => shop.close());

  function request(overrides: Partial<EventInput<'listings.requested'>> = {}): EventInput<'listings.requested'> {
    const ideaId = randomUUID();
    const bytes = picture(ideaId);
    const file = {
      hash: sha256(bytes),
      mediaType: 'image/webp' as const,
      bytes: bytes.length,
      width: 1_000,
      height: 1_000,
    };
    shop.files.set(file.hash, bytes);
    return {
      ideaId,
      commandId: sha256(`${ideaId}:storefront`),
      marketplace: 'storefront',
      sku: `SP-${ideaId.slice(0, 8).toUpperCase()}-TS`,
      product: 't-shirt',
      foundingCapturedAt: '2026-05-04T09:30:00.000Z',
      heldSeconds: 12.5,
      copy: { title: 'Cold Water Club', description: 'For people who swim in January.', tags: ['swimming'] },
      design: { ...file, mediaType: 'image/png' },
      previews: [{ product: 't-shirt', file }],
      requestedAt: '2026-05-04T09:30:04.100Z',
      ...overrides,
    };
  }
  const published = async (ideaId: string, count = 1) =>
    (await shop.waitForEvents('listings.published', { key: ideaId, count })).map(({ data }) => data);
  const failure = async (ideaId: string) =>
    (await shop.waitForEvents('listings.failed', { key: ideaId })).map(({ data }) => data)[0];
  const onTheShelf = async (sku: string) => {
    const { rows } = await sql<{ id: string; price_minor: number; published_at: Date }>`
      select id, price_minor, published_at from storefront.listings where sku = ${sku}`.execute(shop.db.kysely);
    return rows;
  };

  it('puts an idea on the storefront and says where it is, what it costs and when it went up', async () => {
    const command = request();
    await shop.emit('listings.requested', command);
    const [event] = await published(command.ideaId);
    const [listing] = await onTheShelf(command.sku);
    expect(event).toMatchObject({
      commandId: command.commandId,
      sku: command.sku,
      heldSeconds: 12.5,
      foundingCapturedAt: command.foundingCapturedAt,
      listingId: listing?.id,
      url: `https://shop.example/storefront/listings/${listing?.id ?? ''}`,
      price: { amountMinor: 2_199, currency: 'EUR' },
      publishedAt: listing?.published_at.toISOString(),
    });
    const image = await fetch(`${shop.url}/storefront/images/${command.previews[0]!.file.hash}`);
    expect(sha256(Buffer.from(await image.arrayBuffer()))).toBe(command.previews[0]!.file.hash);
    expect(image.headers.get('content-type')).toBe('image/webp');
    const own = await (await fetch(`${shop.url}/listings?ideaId=${command.ideaId}`)).json();
    expect(own).toMatchObject({ items: [{ state: 'published', listingId: listing?.id }], nextCursor: null });
  });

  it('gives one listing when the answer to the creation is lost', async () => {
    const command = request();
    shop.disturb(/^POST \/storefront\/api\/listings$/, 'lose-answer');
    const before = shop.calls.length;
    await shop.emit('listings.requested', command);
    expect(await published(command.ideaId)).toHaveLength(1);
    expect(await onTheShelf(command.sku)).toHaveLength(1);
    const calls = shop.calls.slice(before).filter((call) => call.includes(command.sku) || call.startsWith('POST'));
    expect(calls).toEqual([
      `GET /storefront/api/listings?sku=${command.sku}`,
      'POST /storefront/api/listings',
      `GET /storefront/api/listings?sku=${command.sku}`,
    ]);
  });

  it('adopts the listing that a process left behind when it died after the creation', async () => {
    const command = request();
    await shop.emit('listings.requested', command);
    const [first] = await published(command.ideaId);
    // The dead process has created the listing, but nothing of its own is written: neither row nor event.
    await shop.db.kysely
      .updateTable('listings')
      .set({ state: 'requested', listing_id: null, published_at: null })
      .where('sku', '=', command.sku)
      .execute();
    await sql`
      update jobs set state = 'running', lease_until = clock_timestamp() - interval '1 second', finished_at = null
      where name = 'publish' and key = ${command.commandId}`.execute(shop.db.kysely);
    const [, second, ...more] = await published(command.ideaId, 2);
    expect(more).toEqual([]);
    expect(second).toEqual(first);
    expect(await onTheShelf(command.sku)).toHaveLength(1);
  });

  it('does nothing for a command that it has carried out', async () => {
    const command = request();
    await shop.emit('listings.requested', command);
    await published(command.ideaId);
    await shop.emit('listings.requested', command);
    const marker = request();
    await shop.emit('listings.requested', marker);
    await published(marker.ideaId);
    expect(await published(command.ideaId)).toHaveLength(1);
    expect(await onTheShelf(command.sku)).toHaveLength(1);
  });

  it('waits and tries again while the marketplace is away or asks to slow down', async () => {
    const command = request();
    shop.disturb(
      /^GET \/storefront\/api\/listings\?sku/,
      { status: 503 },
      { status: 429, headers: { 'retry-after': '1' } },
    );
    await shop.emit('listings.requested', command);
    expect(await published(command.ideaId)).toHaveLength(1);
  });

  it('says why the marketplace refuses a listing', async () => {
    const command = request();
    shop.disturb(/^POST \/storefront\/api\/listings$/, { status: 422 });
    await shop.emit('listings.requested', command);
    expect(await failure(command.ideaId)).toMatchObject({
      code: 'marketplace-refused',
      message: '422: The storefront does not like it.',
    });
    expect(await onTheShelf(command.sku)).toHaveLength(0);
    // Asked for once more, it gets a new chance.
    await shop.emit('listings.requested', command);
    expect(await published(command.ideaId)).toHaveLength(1);
  });

  it('does not ask for what the rules forbid', async () => {
    const command = request({ copy: { title: 'A replica of a lake', description: 'Wet.', tags: [] } });
    const before = shop.calls.length;
    await shop.emit('listings.requested', command);
    expect(await failure(command.ideaId)).toMatchObject({ code: 'banned-word' });
    expect(shop.calls.slice(before).filter((call) => call.includes(command.sku))).toEqual([]);
  });

  it('does not publish a picture whose bytes are not those that were promised', async () => {
    const command = request();
    const file = command.previews[0]!.file;
    const forged = Buffer.from(shop.files.get(file.hash)!);
    forged[20] = (forged[20] ?? 0) ^ 1;
    shop.files.set(file.hash, forged);
    await shop.emit('listings.requested', command);
    expect(await failure(command.ideaId)).toMatchObject({ code: 'preview-unusable' });
    expect(await onTheShelf(command.sku)).toHaveLength(0);
  });

  it('takes a listing down, and bears to be asked for what it does not know', async () => {
    const command = request();
    await shop.emit('listings.requested', command);
    await published(command.ideaId);
    const unknown = request();
    for (const { ideaId, commandId, marketplace, sku } of [command, unknown]) {
      await shop.emit('listings.withdraw-requested', {
        ...{ ideaId, commandId, marketplace, sku },
        reason: 'withdrawn by hand',
        requestedAt: '2026-05-05T09:30:04.900Z',
      });
    }
    const events = await shop.waitForEvents('listings.withdrawn', { count: 2 });
    expect(new Set(events.map(({ data }) => data.ideaId))).toEqual(new Set([command.ideaId, unknown.ideaId]));
    expect(await onTheShelf(command.sku)).toHaveLength(0);
    // What was withdrawn stays withdrawn.
    await shop.emit('listings.requested', command);
    const marker = request();
    await shop.emit('listings.requested', marker);
    await published(marker.ideaId);
    expect(await onTheShelf(command.sku)).toHaveLength(0);
  });

  it('takes down what went up while it was being withdrawn', async () => {
    const command = request();
    const { ideaId, commandId, marketplace, sku } = command;
    let goOn = (): void => undefined;
    shop.disturb(
      /^POST \/storefront\/api\/listings$/,
      new Promise((resolve) => {
        goOn = resolve;
      }),
    );
    const creations = () => shop.calls.filter((call) => call === 'POST /storefront/api/listings').length;
    const before = creations();
    await shop.emit('listings.requested', command);
    await waitFor(() => creations() > before, { timeoutMs: 10_000, message: 'the creation' });
    await shop.emit('listings.withdraw-requested', {
      ...{ ideaId, commandId, marketplace, sku },
      reason: 'withdrawn by hand',
      requestedAt: '2026-05-05T09:30:04.900Z',
    });
    expect(await shop.waitForEvents('listings.withdrawn', { key: ideaId })).toHaveLength(1);
    goOn();
    // The late listing is found to be unwanted, and comes down again.
    expect(await shop.waitForEvents('listings.withdrawn', { key: ideaId, count: 2 })).toHaveLength(2);
    expect(await onTheShelf(sku)).toHaveLength(0);
    expect(await shop.events('listings.published', ideaId)).toEqual([]);
  });

  it('observes what visitors do, and only what changed', async () => {
    const command = request();
    await shop.emit('listings.requested', command);
    const [event] = await published(command.ideaId);
    const page = `${shop.url}/storefront/listings/${event!.listingId}`;
    expect((await fetch(page)).status).toBe(200);
    for (const button of ['favourite', 'buy']) {
      const answer = await fetch(`${page}/${button}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        redirect: 'manual',
      });
      expect(answer.status).toBe(303);
      expect(new URL(answer.headers.get('location') ?? '', `${page}/${button}`).pathname).toBe(new URL(page).pathname);
    }
    const counts = { listingId: event!.listingId, views: 1, favourites: 1, sales: 1 };
    const observations = async () => (await shop.events('listings.observed', command.ideaId)).map(({ data }) => data);
    await waitFor(async () => (await observations()).some((seen) => seen.sales === 1), {
      timeoutMs: 15_000,
      message: 'listings.observed',
    });
    expect((await observations()).at(-1)).toMatchObject(counts);
    const seen = (await observations()).length;
    const reads = () => shop.calls.filter((call) => call.includes('limit=100')).length;
    const before = reads();
    await waitFor(() => reads() >= before + 2, { timeoutMs: 10_000, message: 'two more rounds' });
    expect(await observations()).toHaveLength(seen);
    const metrics = await (await fetch(`${shop.url}/metrics`)).text();
    expect(metrics).toContain('listings_finished_total{');
  });

  it('pages through its listings', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = (await (await fetch(`${shop.url}/listings?limit=3${cursor}`)).json()) as {
        items: { id: string }[];
        nextCursor: string | null;
      };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    const rows = await shop.db.kysely.selectFrom('listings').select('id').execute();
    expect(seen).toHaveLength(rows.length);
    expect(new Set(seen).size).toBe(seen.length);
    const [first] = seen;
    expect((await fetch(`${shop.url}/listings/${first ?? ''}`)).status).toBe(200);
    expect((await fetch(`${shop.url}/listings/${randomUUID()}`)).status).toBe(404);
    expect((await fetch(`${shop.url}/listings?limit=1000`)).status).toBe(400);
    expect((await fetch(`${shop.url}/listings?cursor=nonsense`)).status).toBe(400);
  });

  it('keeps the storefront API to those who have the key', async () => {
    expect((await fetch(`${shop.url}/storefront/api/listings`)).status).toBe(401);
    const headers = { authorization: `Bearer ${apiKey}` };
    expect((await fetch(`${shop.url}/storefront/api/listings`, { headers })).status).toBe(200);
  });
});
