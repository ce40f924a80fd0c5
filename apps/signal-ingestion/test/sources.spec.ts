import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@signalpress/testing';
import { startIngestion } from './ingestion-app.js';
import type { IngestionService } from './ingestion-app.js';

const feed = (title: string) =>
  `<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><item><guid>${title}</guid><title>${title}</title></item></channel></rss>`;

describe('sources', () => {
  let service: IngestionService;
  let origin: Server;
  let base: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const requests: IncomingMessage[] = [];

  beforeAll(async () => {
    origin = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
    service = await startIngestion({ ALLOW_PRIVATE_SOURCES: '1' });
  });
  afterEach(async () => {
    requests.length = 0;
    await service.db.kysely.deleteFrom('sources').execute();
    await service.db.kysely.deleteFrom('ingestions').execute();
  });
  afterAll(async () => {
    await service.close();
    origin.closeAllConnections();
    await new Promise((resolve) => origin.close(resolve));
  });

  const source = async () => ((await service.ask('GET', '/sources')).body['items'] as Record<string, unknown>[])[0];
  const polled = (outcome: string) =>
    waitFor(async () => (await source())?.['lastOutcome'] === outcome, {
      timeoutMs: 10_000,
      message: `poll ${outcome}`,
    });

  it('polls, asks only for what changed, and takes in what is new', async () => {
    answer = (request, response) => {
      const known = request.headers['if-none-match'] === '"v1"';
      response.writeHead(known ? 304 : 200, { etag: '"v1"', 'content-type': 'application/rss+xml' });
      response.end(known ? undefined : Buffer.from(feed('Caf\u00E9 owls return home'), 'latin1'));
    };
    const added = await service.ask('POST', '/sources', { url: `${base}/feed#x`, everyMinutes: 5 });
    expect(added).toMatchObject({ status: 201, body: { url: `${base}/feed`, everyMinutes: 5, failures: 0 } });
    await polled('ingested');
    const { body } = await service.ask('GET', '/signals');
    expect(body['items']).toMatchObject([{ title: 'Café owls return home', source: `feed:${base.slice(7)}/feed` }]);
    await service.ask('POST', '/sources', { url: `${base}/feed`, everyMinutes: 10 });
    await polled('unchanged');
    expect(requests).toHaveLength(2);
    const shown = await source();
    expect(shown).toMatchObject({ everyMinutes: 10, lastIngestionId: expect.any(String) });
    expect(Date.parse(String(shown?.['nextPollAt'])) - Date.now()).toBeGreaterThan(9 * 60_000);
    const id = String(added.body['sourceId']);
    expect((await service.ask('DELETE', `/sources/${id}`)).status).toBe(204);
    expect((await service.ask('DELETE', `/sources/${id}`)).status).toBe(404);
  });

  it('waits longer for a source that fails', async () => {
    answer = (_, response) => response.writeHead(503).end();
    await service.ask('POST', '/sources', { url: `${base}/broken`, everyMinutes: 60 });
    await polled('failed');
    const shown = await source();
    expect(shown).toMatchObject({ failures: 1, lastError: 'The source answered with status 503.' });
    const wait = Date.parse(String(shown?.['nextPollAt'])) - Date.now();
    expect(wait).toBeGreaterThan(90 * 60_000);
    expect(wait).toBeLessThanOrEqual(120 * 60_000);
    expect((await service.ask('GET', '/dead-letters')).body['items']).toEqual([]);
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['an endless redirect', (response) => response.writeHead(302, { location: '/again' }).end(), 'source-refused'],
    [
      'a redirect to a file',
      (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'source-not-allowed',
    ],
    ['a picture', (response) => response.writeHead(200, { 'content-type': 'image/png' }).end('x'), 'source-not-text'],
    ['a missing page', (response) => response.writeHead(404).end(), 'source-refused'],
    [
      'a body that swells',
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(6 * 1024 * 1024))),
      'source-too-large',
    ],
    ['a connection that breaks', (response) => response.destroy(), 'source-unreachable'],
    [
      'an HTML page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'),
      'not-a-feed',
    ],
  ])('refuses %s', async (_, respond, code) => {
    answer = (__, response) => respond(response);
    expect(await service.ask('POST', '/ingestions', { url: `${base}/x` })).toMatchObject({
      status: 422,
      body: { type: `urn:signalpress:problem:${code}` },
    });
    expect(requests.length).toBeLessThanOrEqual(4);
  });

  it('fetches a document once when asked to, across a redirect', async () => {
    answer = (request, response) => {
      if (request.url === '/old') response.writeHead(301, { location: '/new' }).end();
      else
        response
          .writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' })
          .end(gzipSync(feed('Moved to another place')));
    };
    expect(await service.ask('POST', '/ingestions', { url: `${base}/old` })).toMatchObject({
      status: 201,
      body: { totals: { accepted: 1 } },
    });
  });

  it.each([
    [{ url: 'not a url', everyMinutes: 5 }, 422],
    [{ url: 'https://anna:hunter2@feeds.example/', everyMinutes: 5 }, 422],
    [{ url: 'https://feeds.example/', everyMinutes: 4 }, 400],
    [{ everyMinutes: 5 }, 400],
  ])('refuses the source %j with %d', async (body, status) => {
    expect((await service.ask('POST', '/sources', body)).status).toBe(status);
  });
});
