import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from '@jest/globals';
import { collectSpans } from './collect-spans.js';
import type { SpanCollection } from './collect-spans.js';

describe('collectSpans', () => {
  let collection: SpanCollection;
  afterEach(() => collection.shutdown());

  it('keeps spans with parent, attributes and status across awaits', async () => {
    collection = collectSpans();
    const tracer = trace.getTracer('spec', '1.0.0');
    await tracer.startActiveSpan('outer', { kind: SpanKind.CONSUMER }, async (outer) => {
      await Promise.resolve();
      tracer.startActiveSpan('inner', (inner) => {
        inner.setAttributes({ count: 2, tags: ['a'] });
        inner.addEvent('seen', { at: 'door' });
        inner.end();
      });
      outer.setStatus({ code: SpanStatusCode.ERROR, message: 'late' });
      outer.end();
    });

    const [inner, outer] = collection.spans();
    expect(outer).toMatchObject({ name: 'outer', kind: 'consumer', status: { code: 'error', message: 'late' } });
    expect(inner).toMatchObject({
      name: 'inner',
      traceId: outer?.traceId,
      parentSpanId: outer?.spanId,
      attributes: { count: 2, tags: ['a'] },
      events: [{ name: 'seen', attributes: { at: 'door' } }],
      scope: { name: 'spec', version: '1.0.0' },
    });
    collection.reset();
    expect(collection.spans()).toEqual([]);
  });

  it('takes itself off at shutdown, so that the next collection starts clean', async () => {
    const first = collectSpans();
    await first.shutdown();
    trace.getTracer('spec').startSpan('lost').end();
    collection = collectSpans();
    trace.getTracer('spec').startSpan('kept').end();
    expect(collection.spans().map(({ name }) => name)).toEqual(['kept']);
    expect(trace.getSpan(context.active())).toBeUndefined();
  });
});
