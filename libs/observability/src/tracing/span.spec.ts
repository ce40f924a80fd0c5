import { SpanKind, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { ServiceError } from '../errors/service-error.js';
import { holdSpan, setSpanAttributes, withSpan } from './span.js';
import { currentTraceContext, currentTraceId, linkTo, traceIdOf } from './trace-context.js';

const stored = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'shop=1',
  baggage: 'k=v',
};

let collection: SpanCollection;
beforeEach(() => {
  collection = collectSpans();
});
afterEach(() => collection.shutdown());

const names = () => collection.spans().map(({ name }) => name);
const only = () => {
  expect(collection.spans()).toHaveLength(1);
  return collection.spans()[0]!;
};

describe('holdSpan', () => {
  it('is active in what it runs and ends when its holder says so', async () => {
    const held = holdSpan('held', () => ({ own: 1 }), { parent: stored });
    const inside = await held.run(() => Promise.resolve(currentTraceId()));
    withSpan('outside', {}, () => undefined);
    expect(names()).toEqual(['outside']);
    held.addEvent('rolled back');
    held.end();
    const span = collection.spans()[1]!;
    expect(inside).toBe(traceIdOf(stored));
    expect(span).toMatchObject({ name: 'held', traceId: inside, attributes: { own: 1 } });
    expect(span.events.map(({ name }) => name)).toEqual(['rolled back']);
  });

  it('ends with the error that it is told, and leaves errors of what it runs to the caller', () => {
    const held = holdSpan('held', () => ({}));
    const failing = (): never => {
      throw new RangeError('no');
    };
    expect(() => held.run(failing)).toThrow('no');
    expect(names()).toEqual([]);
    held.fail(new RangeError('no'));
    expect(only().attributes).toMatchObject({ 'error.type': 'RangeError' });
  });
});

describe('withSpan', () => {
  it('is active inside, ends once, and returns what the function returns', () => {
    const result = withSpan('work', { 'signalpress.job.name': 'render' }, (span) => {
      expect(trace.getActiveSpan()).toBe(span);
      setSpanAttributes({ extra: 1 });
      return 42;
    });
    expect(result).toBe(42);
    expect(only().attributes).toEqual({ 'signalpress.job.name': 'render', extra: 1 });
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  it('ends when an async function, a returned promise or a thenable settles', async () => {
    const later = () => new Promise<string>((resolve) => setTimeout(() => resolve('x'), 15));
    await withSpan('async', {}, async () => later());
    const pending = withSpan('returned', {}, later);
    expect(names()).toEqual(['async']);
    await pending;
    const thenable = { then: (done: (value: string) => unknown) => later().then(done) };
    expect(await withSpan('thenable', {}, () => thenable)).toBe('x');
    expect(names()).toEqual(['async', 'returned', 'thenable']);
    for (const span of collection.spans()) expect(span.durationMs).toBeGreaterThan(10);
  });

  it('records and throws an error again, in the innermost span alone', async () => {
    const error = new RangeError('no card for ada@example.org');
    const outer = withSpan('outer', {}, () => withSpan('inner', {}, () => Promise.reject(error)));
    await expect(outer).rejects.toBe(error);
    expect(() =>
      withSpan('sync', {}, () => {
        throw new Error('at once');
      }),
    ).toThrow('at once');
    const [inner, outerSpan, sync] = collection.spans();
    expect(inner?.events.map(({ attributes }) => attributes['exception.message'])).toEqual(['no card for [redacted]']);
    expect(inner?.attributes['error.type']).toBe('RangeError');
    expect(outerSpan?.events).toEqual([]);
    expect([inner, outerSpan, sync].map((span) => span?.status.code)).toEqual(['error', 'error', 'error']);
    expect(JSON.stringify([inner?.events, outerSpan?.status])).not.toContain('ada@');
  });

  it('does not turn red for an expected error', () => {
    const expected = new ServiceError('no such idea', { code: 'idea-missing', severity: 'expected' });
    expect(() =>
      withSpan('find', {}, () => {
        throw expected;
      }),
    ).toThrow(expected);
    expect(only().status.code).toBe('unset');
    expect(only().attributes['error.type']).toBe('ServiceError');
  });

  it('continues a stored context, links to one, or begins a new trace', () => {
    const link = linkTo(stored);
    withSpan('continued', {}, () => expect(currentTraceId()).toBe(traceIdOf(stored)), {
      parent: stored,
      kind: SpanKind.CONSUMER,
    });
    withSpan('outer', {}, () => withSpan('root', {}, () => undefined, { root: true, links: link ? [link] : [] }));
    const [continued, root, outer] = collection.spans();
    expect(continued).toMatchObject({ parentSpanId: 'b7ad6b7169203331', kind: 'consumer' });
    expect(root?.parentSpanId).toBeUndefined();
    expect(root?.traceId).not.toBe(outer?.traceId);
    expect(root?.links).toEqual([expect.objectContaining({ traceId: traceIdOf(stored), spanId: 'b7ad6b7169203331' })]);
  });
});

describe('trace context as text', () => {
  it('survives a row: what is read back is what was active', () => {
    withSpan(
      'writer',
      {},
      () => {
        const context = currentTraceContext();
        expect(context).toMatchObject({ tracestate: 'shop=1', baggage: 'k=v' });
        expect(traceIdOf(context)).toBe(currentTraceId());
      },
      { parent: stored },
    );
  });

  it.each(['', 'nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01', '00-zz-1-01'])(
    'takes %j for none',
    (traceparent) => {
      expect(linkTo({ traceparent })).toBeUndefined();
      expect(traceIdOf({ traceparent })).toBeUndefined();
      expect(withSpan('fresh', {}, () => currentTraceId(), { parent: { traceparent } })).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  it('is undefined outside of any trace', () => {
    expect(currentTraceContext()).toBeUndefined();
    expect(currentTraceId()).toBeUndefined();
    setSpanAttributes({ ignored: true });
  });
});
