import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Neighbourhood } from './service.js';
import { apiKey, startService } from './service.js';
import { shelve } from './shelf.js';

const rarely = { SYNC_SECONDS: '86400', OBSERVE_SECONDS: '86400' };
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function callsOf(shop: Neighbourhood) {
  return (method: string, path: string, body?: unknown, key = apiKey): Promise<Response> =>
    fetch(`${shop.url}/storefront/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

it('without STOREFRONT_FAULTS there is no admin API', async () => {
  const shop = await startService(rarely);
  try {
    const [listing] = await shelve(shop, 1);
    const api = callsOf(shop);
    expect((await api('PATCH', `listings/${listing!.listingId}/admin`, { flagged: true })).status).toBe(404);
    expect((await api('PUT', 'admin/faults', { hang: 1 })).status).toBe(404);
    expect((await api('GET', `listings/${listing!.listingId}`)).status).toBe(200);
  } finally {
    await shop.close();
  }
}, 60_000);

describe('the admin API of the storefront', () => {
  let shop: Neighbourhood;
  let api: ReturnType<typeof callsOf>;
  beforeAll(async () => {
    shop = await startService({ ...rarely, STOREFRONT_FAULTS: 'true' });
    api = callsOf(shop);
  }, 60_000);
  afterEach(async () => {
    expect((await api('DELETE', 'admin/faults')).status).toBe(204);
  });
  afterAll(() => shop.close());

  it('flags, changes and removes a listing, and takes it back', async () => {
    const [{ listingId, sku }] = (await shelve(shop, 1)) as [Awaited<ReturnType<typeof shelve>>[number]];
    const page = `${shop.url}/storefront/listings/${listingId}`;
    const changed = await api('PATCH', `listings/${listingId}/admin`, { flagged: true, priceMinor: 999, title: 'Hot' });
    expect(await changed.json()).toMatchObject({
      ...{ id: listingId, title: 'Hot', flagged: true, removed: false },
      price: { amountMinor: 999, currency: 'EUR' },
    });
    for (const address of [page, `${shop.url}/storefront`]) {
      expect(await (await fetch(address)).text()).toContain('Under review');
    }
    await api('PATCH', `listings/${listingId}/admin`, { removed: true });
    expect((await fetch(page)).status).toBe(404);
    expect((await api('GET', `listings/${listingId}`)).status).toBe(404);
    expect(await (await api('GET', `listings?sku=${sku}`)).json()).toMatchObject({ items: [] });
    expect(await (await fetch(`${shop.url}/storefront`)).text()).not.toContain(listingId);
    await api('PATCH', `listings/${listingId}/admin`, { removed: false, flagged: false });
    expect(await (await fetch(page)).text()).not.toContain('Under review');
    // The seller may take down what the marketplace had taken down already.
    await api('PATCH', `listings/${listingId}/admin`, { removed: true });
    expect((await api('DELETE', `listings/by-sku/${sku}`)).status).toBe(204);
    expect((await api('PATCH', `listings/${listingId}/admin`, { removed: false })).status).toBe(404);
  });

  it('asks for the key, and refuses what it does not know', async () => {
    const path = `listings/${randomUUID()}/admin`;
    expect((await api('PATCH', path, { flagged: true }, 'another-key')).status).toBe(401);
    expect((await api('PUT', 'admin/faults', {}, 'another-key')).status).toBe(401);
    expect((await api('PATCH', path, { flagged: true })).status).toBe(404);
    for (const change of [{}, { flagged: 'yes' }, { priceMinor: 0 }, { sku: 'SP-1' }, { title: '' }]) {
      expect((await api('PATCH', path, change)).status).toBe(400);
    }
    for (const plan of [
      { hang: 2 },
      { hang: 0.6, rateLimit: 0.6 },
      { forSeconds: 3_601 },
      { hangSeconds: 61 },
      { x: 1 },
    ]) {
      expect((await api('PUT', 'admin/faults', plan)).status).toBe(400);
    }
  });

  it('fails a share of calls after they were carried out', async () => {
    const [{ listingId }] = (await shelve(shop, 1)) as [Awaited<ReturnType<typeof shelve>>[number]];
    await api('PUT', 'admin/faults', { failAfterCommit: 0.25, seed: 7 });
    const statuses: number[] = [];
    for (let call = 1; call <= 100; call += 1) {
      statuses.push((await api('PATCH', `listings/${listingId}`, { title: `Title ${call}` })).status);
    }
    const failed = statuses.filter((status) => status === 503).length;
    expect(failed).toBeGreaterThan(15);
    expect(failed).toBeLessThan(35);
    const { played } = (await (await api('GET', 'admin/faults')).json()) as { played: object };
    expect(played).toEqual({ 'fail-after-commit': failed, hang: 0, 'rate-limit': 0 });
    await api('DELETE', 'admin/faults');
    expect(await (await api('GET', `listings/${listingId}`)).json()).toMatchObject({ title: 'Title 100' });
  });

  it('slows callers down before anything is done', async () => {
    const [{ listingId }] = (await shelve(shop, 1)) as [Awaited<ReturnType<typeof shelve>>[number]];
    await api('PUT', 'admin/faults', { rateLimit: 1, retryAfterSeconds: 7 });
    const answer = await api('PATCH', `listings/${listingId}`, { title: 'Not this' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    await api('DELETE', 'admin/faults');
    expect(await (await api('GET', `listings/${listingId}`)).json()).toMatchObject({ title: 'Cold Water Club' });
  });

  it('hangs until it is told to stop, and buyers see nothing of it', async () => {
    const [{ listingId }] = (await shelve(shop, 1)) as [Awaited<ReturnType<typeof shelve>>[number]];
    await api('PUT', 'admin/faults', { hang: 1, hangSeconds: 60 });
    let answered = false;
    const hanging = api('GET', `listings/${listingId}`).then((answer) => {
      answered = true;
      return answer;
    });
    expect((await fetch(`${shop.url}/storefront/listings/${listingId}`)).status).toBe(200);
    expect(answered).toBe(false);
    await api('DELETE', 'admin/faults');
    expect((await hanging).status).toBe(200);
  });

  it('is well again by itself after the planned time', async () => {
    await api('PUT', 'admin/faults', { failAfterCommit: 1, forSeconds: 0.5 });
    expect((await api('GET', 'listings')).status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 550));
    expect((await api('GET', 'listings')).status).toBe(200);
    expect(await (await api('GET', 'admin/faults')).json()).toMatchObject({ plan: null, secondsLeft: 0 });
  });

  it('does not keep the service from publishing exactly once', async () => {
    await api('PUT', 'admin/faults', { failAfterCommit: 0.5, forSeconds: 30 });
    const ideaId = randomUUID();
    const bytes = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), Buffer.from(ideaId.repeat(50))]);
    const file = {
      hash: sha256(bytes),
      mediaType: 'image/webp' as const,
      bytes: bytes.length,
      width: 1_000,
      height: 1_000,
    };
    shop.files.set(file.hash, bytes);
    const sku = `SP-${ideaId.slice(0, 8).toUpperCase()}-TS`;
    await shop.emit('listings.requested', {
      ...{ ideaId, sku, commandId: sha256(Buffer.from(ideaId)), marketplace: 'storefront', product: 't-shirt' },
      foundingCapturedAt: '2026-05-04T09:30:00.000Z',
      heldSeconds: 0,
      copy: { title: 'Drilled', description: 'In a drill.', tags: [] },
      design: { ...file, mediaType: 'image/png' },
      previews: [{ product: 't-shirt', file }],
      requestedAt: '2026-05-04T09:30:04.100Z',
    });
    expect(await shop.waitForEvents('listings.published', { key: ideaId })).toHaveLength(1);
    await api('DELETE', 'admin/faults');
    const { items } = (await (await api('GET', `listings?sku=${sku}`)).json()) as { items: unknown[] };
    expect(items).toHaveLength(1);
  });
});
