import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@signalpress/messaging';
import { HttpExchange, retryAfterOf } from './http-exchange.js';

describe('retryAfterOf', () => {
  it('reads seconds and dates, within a bound', () => {
    expect(retryAfterOf('2')).toBe(2_000);
    expect(retryAfterOf('999999')).toBe(900_000);
    expect(retryAfterOf(new Date(Date.now() + 30_000).toUTCString())).toBeGreaterThan(25_000);
    expect(retryAfterOf(new Date(0).toUTCString())).toBe(0);
    expect(retryAfterOf('soon')).toBeUndefined();
    expect(retryAfterOf(null)).toBeUndefined();
  });
});

describe('HttpExchange', () => {
  let status = 200;
  let asked = 0;
  let url = '';
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(status, { 'retry-after': '3' }).end();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('leaves answers below 500 to the caller', async () => {
    const exchange = new HttpExchange('the neighbour');
    for (status of [200, 404, 409, 422]) expect((await exchange.send(url)).status).toBe(status);
  });

  it('calls 429, 5xx and silence unavailable, and says when to come back', async () => {
    const exchange = new HttpExchange('the neighbour');
    for (status of [429, 503]) {
      const error = await exchange.send(url).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ retryAfterMs: 3_000 });
    }
    await expect(exchange.send('http://127.0.0.1:1/')).rejects.toBeInstanceOf(UnavailableError);
  });

  it('leaves a neighbour alone that failed five times in a row', async () => {
    const exchange = new HttpExchange('the neighbour');
    status = 500;
    for (let failure = 0; failure < 5; failure += 1) await expect(exchange.send(url)).rejects.toThrow('answered 500');
    const before = asked;
    await expect(exchange.send(url)).rejects.toMatchObject({ code: 'circuit-open', retryAfterMs: 5_000 });
    expect(asked).toBe(before);
    expect(exchange.isOpen).toBe(true);
  });

  it('tells what became of each call', async () => {
    const told: string[] = [];
    const exchange = new HttpExchange('the neighbour', (outcome) => told.push(outcome));
    for (status of [200, 429, 503]) await exchange.send(url).catch(() => undefined);
    for (let failure = 0; failure < 4; failure += 1) await exchange.send('http://127.0.0.1:1/').catch(() => undefined);
    expect(told).toEqual([
      'answered',
      'rate-limited',
      'failed',
      'unanswered',
      'unanswered',
      'unanswered',
      'circuit-open',
    ]);
  });
});
