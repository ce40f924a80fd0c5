import { gzipSync } from 'node:zlib';
import * as Sentry from '@sentry/nestjs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSentrySink } from './sentry-sink.js';
import type { SentrySink } from './sentry-sink.js';

const projectUrl = (sink: SentrySink) => {
  const dsn = new URL(sink.dsn);
  return `http://${dsn.host}/api${dsn.pathname}/envelope/`;
};

describe('startSentrySink', () => {
  let sink: SentrySink;
  beforeEach(async () => {
    sink = await startSentrySink();
  });
  afterEach(() => sink.close());

  it('receives what the real SDK sends', async () => {
    Sentry.init({ dsn: sink.dsn, defaultIntegrations: false, release: '1.2.3', environment: 'spec' });
    Sentry.captureException(new RangeError('out of paper', { cause: new Error('empty tray') }));
    await Sentry.close(2000);

    const event = await sink.waitForEvent(({ exceptions }) => exceptions.at(-1)?.value === 'out of paper');
    expect(event).toMatchObject({ release: '1.2.3', environment: 'spec', level: 'error' });
    expect(event.exceptions.at(-1)).toEqual({ type: 'RangeError', value: 'out of paper' });
    expect(event.eventId).toMatch(/^[0-9a-f]{32}$/);
    expect(event.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(sink.transactions()).toEqual([]);
  });

  it('separates events, transactions and the rest, in gzip too, with and without a length', async () => {
    const event = JSON.stringify({
      event_id: 'e',
      message: 'Grüße',
      contexts: { trace: { trace_id: 't', span_id: 's' } },
    });
    const envelope = [
      '{"event_id":"e"}',
      `{"type":"event","length":${Buffer.byteLength(event)}}`,
      event,
      '{"type":"transaction"}',
      '{"transaction":"GET /"}',
      '{"type":"attachment","length":3}',
      'a\nb',
      '{"type":"session"}',
      '{"sid":"1"}',
      '',
    ].join('\n');
    const response = await fetch(projectUrl(sink), {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(envelope),
    });
    expect(await response.json()).toEqual({ id: 'e' });
    expect(sink.events()).toMatchObject([{ message: 'Grüße', traceId: 't', spanId: 's', exceptions: [] }]);
    expect(sink.transactions()).toEqual([{ transaction: 'GET /' }]);
    expect(sink.others()).toEqual([
      { type: 'attachment', payload: Buffer.from('a\nb') },
      { type: 'session', payload: { sid: '1' } },
    ]);
    sink.reset();
    expect(sink.events()).toEqual([]);
  });

  it('refuses what is not an envelope, and says what came when a wait fails', async () => {
    expect((await fetch(projectUrl(sink), { method: 'POST', body: 'no JSON' })).status).toBe(400);
    expect((await fetch(projectUrl(sink).replace('envelope', 'store'), { method: 'POST', body: '{}' })).status).toBe(
      404,
    );
    await expect(sink.waitForEvent(() => false, { timeoutMs: 50 })).rejects.toThrow('a Sentry event; received: none');
  });
});
