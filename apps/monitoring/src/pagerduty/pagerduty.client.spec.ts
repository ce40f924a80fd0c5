import { inspect } from 'node:util';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PagerDutyClient, retryAfterOf } from './pagerduty.client.js';
import { followUpEvent } from './pagerduty.event.js';
import { PagerDutySettings } from './pagerduty.settings.js';

const key = 'R0000000000000000000000000SECRET';
let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

const settings = (eventsUrl: string): PagerDutySettings =>
  new PagerDutySettings({
    enabled: true,
    routingKey: key,
    eventsUrl,
    timeoutMs: 300,
    dashboardBaseUrl: undefined,
    runbookBaseUrl: undefined,
  });

async function send(listener: RequestListener) {
  const listening = (server = createServer(listener));
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const client = new PagerDutyClient(settings(`http://127.0.0.1:${port}/v2/enqueue`));
  return client.send(followUpEvent('resolve', 'signalpress/stuck-ideas'), new AbortController().signal);
}

describe('PagerDutyClient', () => {
  it('keeps the key out of a reason that repeats it, and the reason short', async () => {
    const answer = await send((_request, response) => {
      response.writeHead(400).end(`routing_key ${key} is unknown ${'x'.repeat(100_000)}`);
    });
    expect(answer).toMatchObject({ accepted: false });
    expect(JSON.stringify(answer)).toContain('[redacted] is unknown');
    expect(JSON.stringify(answer)).not.toContain('SECRET');
    expect(JSON.stringify(answer).length).toBeLessThan(2_200);
  });

  it.each([301, 401, 403, 404, 408, 502])('%d may be different tomorrow', async (status) => {
    const sent = send((_request, response) => response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end());
    await expect(sent).rejects.toMatchObject({ retryable: true, message: `PagerDuty answered ${status}` });
  });

  it('an answer that never ends is a refusal all the same', async () => {
    const answer = await send((_request, response) => void response.writeHead(413).write('too large'));
    expect(answer).toEqual({ accepted: false, reason: '413 too large' });
  });

  it('nothing prints the key', () => {
    const shown = settings('http://127.0.0.1:9/');
    expect(inspect(shown, { showHidden: true, depth: 5 }) + JSON.stringify(shown)).not.toContain('SECRET');
  });
});

describe('retryAfterOf', () => {
  const now = Date.parse('2026-05-04T12:00:00Z');
  it.each([
    [null, undefined],
    ['7', 7_000],
    ['Mon, 04 May 2026 12:00:30 GMT', 30_000],
    ['Mon, 04 May 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['999999999', 3_600_000],
  ])('%s', (header, expected) => {
    expect(retryAfterOf(header, now)).toBe(expected);
  });
});
