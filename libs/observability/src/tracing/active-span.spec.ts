import { describe, expect, it } from '@jest/globals';
import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, createContextKey, propagation, trace } from '@opentelemetry/api';
import { isTracingSuppressed, suppressTracing } from '@opentelemetry/core';
import { withActiveSpan } from './active-span.js';

const COLOUR = createContextKey('colour');
const spanOf = (digit: string) =>
  trace.wrapSpanContext({ traceId: digit.repeat(32), spanId: digit.repeat(16), traceFlags: 1 });

describe('withActiveSpan', () => {
  const [outer, inner] = [spanOf('a'), spanOf('b')];

  it('is what trace.setSpan is: the API finds the span, and everything else as it was', () => {
    const base = suppressTracing(
      propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ k: { value: 'v' } })),
    );
    const nested = withActiveSpan(withActiveSpan(base, outer), inner);
    expect(trace.getSpan(nested)).toBe(inner);
    expect(trace.getSpanContext(nested)).toBe(inner.spanContext());
    expect(isTracingSuppressed(nested)).toBe(true);
    expect(propagation.getBaggage(nested)?.getEntry('k')?.value).toBe('v');
  });

  it('covers a span that the API set, and is covered by one', () => {
    const mixed = withActiveSpan(trace.setSpan(ROOT_CONTEXT, outer), inner);
    expect(trace.getSpan(mixed)).toBe(inner);
    expect(trace.getSpan(trace.setSpan(mixed, outer))).toBe(outer);
  });

  it('takes further values, gives values up, and never changes', () => {
    const first = withActiveSpan(ROOT_CONTEXT, outer);
    const second = first.setValue(COLOUR, 'blue');
    expect([second.getValue(COLOUR), trace.getSpan(second), first.getValue(COLOUR)]).toEqual([
      'blue',
      outer,
      undefined,
    ]);
    const third = second.deleteValue(COLOUR);
    expect([third.getValue(COLOUR), trace.getSpan(third)]).toEqual([undefined, outer]);
    expect(trace.getSpan(trace.deleteSpan(second))).toBeUndefined();
    expect(trace.deleteSpan(second).getValue(COLOUR)).toBe('blue');
    expect(trace.getSpan(trace.deleteSpan(withActiveSpan(trace.setSpan(ROOT_CONTEXT, outer), inner)))).toBeUndefined();
    expect(trace.getSpanContext(trace.setSpanContext(second, INVALID_SPAN_CONTEXT))).toBe(INVALID_SPAN_CONTEXT);
  });
});
