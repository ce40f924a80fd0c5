import { performance } from 'node:perf_hooks';
import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TraceFlags, context, trace } from '@opentelemetry/api';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { withSpan } from './span.js';
import { isWrappable, wrapMethod } from './traced-method.js';

let collection: SpanCollection;
beforeEach(() => {
  collection = collectSpans();
});
afterEach(() => collection.shutdown());

const add = (a: unknown, b: unknown): number => Number(a) + Number(b);
const wrapped = wrapMethod(add, 'Adder.add');

/** Of one call; the shortest of some rounds, which is the one that nothing else disturbed. */
function milliseconds(calls: number): number {
  const rounds = Array.from({ length: 7 }, () => {
    const begin = performance.now();
    for (let n = 0; n < calls; n += 1) wrapped.call(undefined, n, 1);
    return (performance.now() - begin) / calls;
  });
  return Math.min(...rounds);
}

class Held {
  one = 1;
}

describe('wrapMethod', () => {
  it('costs a call that nothing records less than half of one that is recorded', () => {
    const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE };
    const unsampled = trace.setSpan(context.active(), trace.wrapSpanContext(ids));
    const outside = milliseconds(20_000);
    const notRecorded = context.with(unsampled, () => milliseconds(20_000));
    expect(collection.spans()).toEqual([]);
    const recorded = withSpan('root', {}, () => milliseconds(200));
    expect(outside).toBeLessThan(recorded / 2);
    expect(notRecorded).toBeLessThan(recorded / 2);
  });

  it('is not wrapped again, and wraps no class', () => {
    expect([isWrappable(wrapped), isWrappable(Held), isWrappable(add), isWrappable(1)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
});
