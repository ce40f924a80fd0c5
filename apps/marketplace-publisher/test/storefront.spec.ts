import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import type { Neighbourhood } from './service.js';
import { apiKey, startService } from './service.js';

interface ApiListing {
  id: string;
  sku: string;
  title: string;
  counts: { views: number; favourites: number; sales: number };
}

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('picture')]);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('storefront', () => {
  let shop: Neighbourhood;
  beforeAll(async () => {
    // Nobody observes: the counts here are those of visitors.
    shop = await startService({ OBSERVE_SECONDS: '3600' });
  }, 60_000);
  afterAll(() => shop.close());

  const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${shop.url}/storefront/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined || Buffer.isBuffer(body) ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
    });
  const putImage = (bytes: Buffer, type = 'image/png', hash = sha256(bytes)): Promise<Response> =>
    api('PUT', `images/${hash}`, bytes, { 'content-type': type });
  const draft = (overrides: object = {}) => ({
    sku: `SP-${randomUUID().slice(0, 8).toUpperCase()}-TS`,
    product: 't-shirt',
    title: 'Cold Water Club',
    description: 'For people who swim in January.',
    tags: ['swimming'],
    price: { amountMinor: 2_199, currency: 'EUR' },
    imageHash: sha256(png),
    ...overrides,
  });
  const create = async (overrides: object = {}): Promise<ApiListing> =>
    (await (await api('POST', 'listings', draft(overrides))).json()) as ApiListing;
  const counts = async (id: string): Promise<ApiListing['counts']> =>
    ((await (await api('GET', `listings/${id}`)).json()) as ApiListing).counts;

  it('shows an empty shelf before the first listing', async () => {
    const page = await fetch(`${shop.url}/storefront`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('Nothing on the shelf yet');
  });

  it('takes a picture once, and only the one that its hash and type promise', async () => {
    expect((await putImage(png)).status).toBe(201);
    expect((await putImage(png)).status).toBe(200);
    expect((await putImage(png, 'image/png', '0'.repeat(64))).status).toBe(422);
    expect((await putImage(png, 'image/webp')).status).toBe(415);
    expect((await putImage(Buffer.from('<svg/>'), 'image/svg+xml')).status).toBe(415);
    expect((await putImage(Buffer.from('no picture'))).status).toBe(415);
    const large = Buffer.concat([png, Buffer.alloc(2 * 1024 * 1024)]);
    expect((await putImage(large)).status).toBe(413);
    expect((await putImage(Buffer.concat([png, Buffer.alloc(1_900_000)]))).status).toBe(201);
    const served = await fetch(`${shop.url}/storefront/images/${sha256(png)}`);
    expect([served.status, served.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(Buffer.from(await served.arrayBuffer()).equals(png)).toBe(true);
    expect((await fetch(`${shop.url}/storefront/images/${'0'.repeat(64)}`)).status).toBe(404);
  });

  it('has one listing per SKU, even when several ask at once', async () => {
    const wanted = draft();
    const answers = await Promise.all(Array.from({ length: 5 }, () => api('POST', 'listings', wanted)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409]);
    const found = (await (await api('GET', `listings?sku=${wanted.sku}`)).json()) as { items: ApiListing[] };
    expect(found.items).toHaveLength(1);
  });

  it.each([
    ['without a picture', { imageHash: 'f'.repeat(64) }, 422],
    ['with a price of nothing', { price: { amountMinor: 0, currency: 'EUR' } }, 400],
    ['with a title that is too long', { title: 'x'.repeat(141) }, 400],
    ['with a SKU that is none', { sku: 'no sku' }, 400],
  ])('refuses a listing %s', async (_, overrides, status) => {
    const answer = await api('POST', 'listings', draft(overrides));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('changes a listing and takes it down, with its picture when no other shows it', async () => {
    const other = Buffer.concat([png, Buffer.from('another')]);
    await putImage(other);
    const listing = await create({ imageHash: sha256(other) });
    const changed = await api('PATCH', `listings/${listing.id}`, { title: 'Warm Water Club' });
    expect(await changed.json()).toMatchObject({ id: listing.id, title: 'Warm Water Club' });
    expect((await api('PATCH', `listings/${listing.id}`, {})).status).toBe(400);
    expect((await api('DELETE', `listings/by-sku/${listing.sku}`)).status).toBe(204);
    expect((await api('DELETE', `listings/by-sku/${listing.sku}`)).status).toBe(404);
    expect((await api('GET', `listings/${listing.id}`)).status).toBe(404);
    expect((await fetch(`${shop.url}/storefront/images/${sha256(other)}`)).status).toBe(404);
    expect((await fetch(`${shop.url}/storefront/images/${sha256(png)}`)).status).toBe(200);
    const page = await fetch(`${shop.url}/storefront/listings/${listing.id}`);
    expect([page.status, await page.text()]).toEqual([404, expect.stringContaining('This piece is gone')]);
    expect((await fetch(`${shop.url}/storefront/listings/nonsense`)).status).toBe(404);
  });

  it('counts a view for each page load, and nothing for headers, prefetches and confirmations', async () => {
    const { id } = await create();
    const page = `${shop.url}/storefront/listings/${id}`;
    for (let load = 0; load < 3; load += 1) await fetch(page);
    await fetch(page, { method: 'HEAD' });
    await fetch(page, { headers: { 'sec-purpose': 'prefetch' } });
    await fetch(`${page}?done=buy`);
    expect(await counts(id)).toEqual({ views: 3, favourites: 0, sales: 0 });
  });

  it('has buttons that are forms, and counts each press once', async () => {
    const { id } = await create();
    const page = `${shop.url}/storefront/listings/${id}`;
    const forms = [...(await (await fetch(page)).text()).matchAll(/<form method="post" action="([^"]+)">/g)];
    expect(forms).toHaveLength(2);
    for (const [, action] of forms) {
      const answer = await fetch(new URL(action!, page), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: '',
      });
      expect(answer.status).toBe(200);
      expect(answer.url).toContain(`/storefront/listings/${id}?done=`);
      expect(await answer.text()).toContain('role="status"');
    }
    expect(await counts(id)).toEqual({ views: 1, favourites: 1, sales: 1 });
    expect((await fetch(`${shop.url}/storefront/listings/${randomUUID()}/buy`, { method: 'POST' })).status).toBe(404);
  });

  it('pages through the gallery and the API, newest first', async () => {
    for (let listing = 0; listing < 30; listing += 1) await create();
    const first = await (await fetch(`${shop.url}/storefront`)).text();
    expect(first.match(/<article/g)).toHaveLength(24);
    const older = /href="(storefront\?before=\d+)"/.exec(first)![1]!;
    const second = await (await fetch(new URL(older, `${shop.url}/storefront`))).text();
    expect(second).toContain('Earlier pieces');
    const ids = (text: string): string[] => [...text.matchAll(/listings\/([0-9a-f-]{36})/g)].map((match) => match[1]!);
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(ids(first).length + ids(second).length);
    expect((await fetch(`${shop.url}/storefront?before=nonsense`)).status).toBe(200);

    const page = (await (await api('GET', 'listings?limit=10')).json()) as { items: ApiListing[]; nextCursor: string };
    expect(page.items.map(({ id }) => id)).toEqual(ids(first).slice(0, 10));
    expect((await api('GET', `listings?limit=10&cursor=${page.nextCursor}`)).status).toBe(200);
    expect((await api('GET', 'listings?limit=0')).status).toBe(400);
    expect((await api('GET', 'listings?cursor=x')).status).toBe(400);
  });

  it('lives in a schema of its own', async () => {
    const { rows } = await sql<{ table_name: string }>`
      select table_name from information_schema.tables where table_schema = 'storefront'`.execute(shop.db.kysely);
    expect(rows.map((table) => table.table_name)).toEqual(expect.arrayContaining(['images', 'listings']));
  });
});
