import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { TraceState } from '@opentelemetry/core';
import type * as TransformerModule from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { EncodedSpans } from './encoded-spans.js';

const { ProtobufTraceSerializer } = createRequire(import.meta.url)(
  '@opentelemetry/otlp-transformer',
) as typeof TransformerModule;

const hex = (length: number) =>
  fc
    .array(fc.nat({ max: 15 }), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(''));
/** Any UTF-16, halves of surrogate pairs too, and texts around the lengths at which a length takes a byte more. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom(0, 1, 110, 127, 128, 129, 16_383, 16_384, 70_000).map((length) => 'x'.repeat(length)),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    -0,
    127,
    128,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    -1,
    2 ** 53,
    -(2 ** 62),
    2 ** 63,
    -(2 ** 63),
    1e300,
    NaN,
  ),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    number,
    fc.boolean(),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(null, undefined),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}));
const attributes = fc.dictionary(text, value, { maxKeys: 6 });
const count = fc.oneof(fc.constant(0), fc.nat(), fc.constant(2 ** 32 - 1));
const time = fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 999_999_999 }));
const spanContext = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceFlags: fc.nat({ max: 255 }),
  isRemote: fc.constantFrom(undefined, true, false),
  traceState: fc.constantFrom(undefined, new TraceState(''), new TraceState('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE')),
});
const resource = fc.record({ attributes, schemaUrl: fc.option(text, { nil: undefined }) });
const scope = fc.record({
  name: text,
  version: fc.option(text, { nil: undefined }),
  schemaUrl: fc.option(text, { nil: undefined }),
});
const span = fc.record({
  own: spanContext,
  parentSpanContext: fc.option(spanContext, { nil: undefined }),
  name: text,
  kind: fc.nat({ max: 4 }),
  startTime: time,
  endTime: time,
  attributes,
  droppedAttributesCount: count,
  events: fc.array(
    fc.record({
      time,
      name: text,
      attributes: fc.option(attributes, { nil: undefined }),
      droppedAttributesCount: fc.option(count, { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
  droppedEventsCount: count,
  links: fc.array(
    fc.record({
      context: spanContext,
      attributes: fc.option(attributes, { nil: undefined }),
      droppedAttributesCount: fc.option(count, { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
  droppedLinksCount: count,
  status: fc.record({ code: fc.nat({ max: 2 }), message: fc.option(text, { nil: undefined }) }),
  resourceIndex: fc.nat({ max: 1 }),
  scopeIndex: fc.nat({ max: 1 }),
});

const batch = fc
  .record({
    spans: fc.array(span, { maxLength: 6 }),
    resources: fc.tuple(resource, resource),
    scopes: fc.tuple(scope, scope),
  })
  .map(({ spans, resources, scopes }) =>
    spans.map(({ own, resourceIndex, scopeIndex, ...rest }) => ({
      ...rest,
      spanContext: () => own,
      resource: resources[resourceIndex],
      instrumentationScope: scopes[scopeIndex],
    })),
  );

function encode(spans: readonly ReadableSpan[], capacity = 16): EncodedSpans {
  const encoded = new EncodedSpans(capacity);
  for (const one of spans) expect(encoded.add(one)).toBe(true);
  return encoded;
}

/** What an encoder reads of a span, and nothing else of one. */
const asSpans = (described: unknown): ReadableSpan[] => described as ReadableSpan[];

describe('EncodedSpans', () => {
  it('are what the serializer of the SDK writes, byte for byte, for arbitrary spans', () => {
    fc.assert(
      fc.property(batch, fc.nat({ max: 1_000 }), (described, capacity) => {
        const spans = asSpans(described);
        const encoded = encode(spans, capacity);
        const expected = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []);
        expect(Buffer.from(encoded.request()).equals(expected)).toBe(true);
        expect(encoded.size).toBe(spans.length);
      }),
      { numRuns: 200 },
    );
  });

  it('have the resource as it is when they are sent: some detectors find their attributes later', () => {
    const [first] = asSpans(
      fc.sample(
        batch.filter(({ length }) => length > 0),
        { numRuns: 1, seed: 7 },
      )[0],
    );
    const attributes: Record<string, string> = {};
    const spans = [{ ...first, resource: { ...first?.resource, attributes } }] as unknown as ReadableSpan[];
    const encoded = encode(spans);
    attributes['host.id'] = 'found later';
    expect(Buffer.from(encoded.request()).includes('found later')).toBe(true);
  });

  it('leave out a span that cannot be read, and nothing else', () => {
    const spans = asSpans(
      fc.sample(
        batch.filter(({ length }) => length > 2),
        { numRuns: 1, seed: 7 },
      )[0],
    );
    const hostile = {
      get: () => {
        throw new Error('no attribute of this span can be read');
      },
    };
    const broken = { ...spans[1], attributes: { ok: 'yes', list: new Proxy([1], hostile) } };
    const encoded = new EncodedSpans(16);
    const added = [spans[0], broken, ...spans.slice(2)].map((one) => encoded.add(one as ReadableSpan));
    expect(added).toEqual([true, false, ...spans.slice(2).map(() => true)]);
    expect(encoded.size).toBe(spans.length - 1);
    const others = encode(asSpans([spans[0], ...spans.slice(2)]));
    expect(Buffer.from(encoded.request()).equals(Buffer.from(others.request()))).toBe(true);
  });
});
