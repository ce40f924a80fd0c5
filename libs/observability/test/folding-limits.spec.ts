import { context, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currentTraceContext, withSpan } from '../src/index.js';
import { limitSpans } from '../src/tracing/limits/span-limits-processor.js';
import { openSpan } from '../src/tracing/span.js';
import { collectLimitedSpans, foldNames, isFold, isKept } from './support/limited-spans.js';
import type { LimitedSpans } from './support/limited-spans.js';

const DROPPED = 'signalpress.spans.dropped';

let spans: LimitedSpans;
afterEach(() => spans.shutdown());

const times = <T>(count: number, call: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => call(i));

describe('the limit of spans per trace', () => {
  it('lets the rest run without spans, counts it, and says so on the local root', () => {
    spans = collectLimitedSpans({ siblings: false, spansPerTrace: 20 });
    const results = withSpan('root', {}, () => times(50, (index) => withSpan(`step ${index}`, {}, () => index)));
    expect(results).toEqual(times(50, (index) => index));
    expect(spans.spans()).toHaveLength(20);
    expect(spans.named('root')[0]?.attributes).toEqual({ [DROPPED]: 31 });
    expect(spans.dropped('trace-limit')).toBe(31);
  });

  it('is 1,000 unless told, and can be taken off', async () => {
    spans = collectLimitedSpans({ siblings: false });
    withSpan('root', {}, () => times(1_200, () => withSpan('step', {}, () => 1)));
    expect(spans.spans()).toHaveLength(1_000);
    expect(spans.dropped('trace-limit')).toBe(201);
    await spans.shutdown();
    spans = collectLimitedSpans({ siblings: false, spansPerTrace: false });
    withSpan('root', {}, () => times(1_200, () => withSpan('step', {}, () => 1)));
    expect(spans.spans()).toHaveLength(1_201);
    expect(spans.named('root')[0]?.attributes).toEqual({});
  });

  it('has what is beyond it point to the nearest recorded ancestor', () => {
    spans = collectLimitedSpans({ siblings: false, spansPerTrace: 3 });
    const seen: (string | undefined)[] = [];
    withSpan('root', {}, () =>
      withSpan('a', {}, () =>
        withSpan('b', {}, () =>
          withSpan('c', {}, () =>
            withSpan('d', {}, (span) => {
              expect(span.isRecording()).toBe(false);
              seen.push(currentTraceContext()?.traceparent);
            }),
          ),
        ),
      ),
    );
    const [b] = spans.named('b');
    expect(seen).toEqual([`00-${b!.traceId}-${b!.spanId}-01`]);
    expect(spans.dropped('trace-limit')).toBe(2);
    expect(spans.named('root')[0]?.attributes).toEqual({ [DROPPED]: 2 });
  });

  it('leaves an error to the nearest span that records', () => {
    spans = collectLimitedSpans({ siblings: false, spansPerTrace: 2 });
    const error = new Error('deep');
    expect(() =>
      withSpan('root', {}, () =>
        withSpan('a', {}, () =>
          withSpan('b', {}, () => {
            throw error;
          }),
        ),
      ),
    ).toThrow(error);
    expect(spans.named('a')[0]?.events).toHaveLength(1);
    expect(spans.named('root')[0]).toMatchObject({ events: [], status: { code: 'error' } });
  });

  it('is one for each local root: callers that share a trace do not share it', () => {
    spans = collectLimitedSpans({ siblings: false, spansPerTrace: 5 });
    const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    times(4, (index) =>
      withSpan(`request ${index}`, {}, () => times(9, () => withSpan('step', {}, () => 1)), { parent }),
    );
    withSpan('outer', {}, () =>
      withSpan('own trace', {}, () => times(9, () => withSpan('step', {}, () => 1)), { root: true }),
    );
    expect(spans.named('step')).toHaveLength(5 * 4);
    const roots = spans.spans().filter((span) => DROPPED in span.attributes);
    expect(roots.map(({ name, attributes }) => [name, attributes[DROPPED]])).toEqual([
      ...times(4, (index) => [`request ${index}`, 5]),
      ['own trace', 5],
    ]);
  });

  it('holds across spans that somebody else opened, which count and are never dropped', () => {
    spans = collectLimitedSpans({ siblings: false, spansPerTrace: 4 });
    withSpan('root', {}, () => {
      trace.getTracer('somebody').startActiveSpan('foreign', (foreign) => {
        times(9, () => withSpan('step', {}, () => 1));
        withSpan('beyond', {}, () => trace.getTracer('somebody').startSpan('foreign too').end());
        foreign.end();
      });
    });
    expect(spans.named('step')).toHaveLength(2);
    expect(spans.named('foreign too')[0]?.parentSpanId).toBe(spans.named('foreign')[0]?.spanId);
    expect(spans.named('root')[0]?.attributes).toEqual({ [DROPPED]: 8 });
  });

  it('holds for folds, which take room for their slowest with them', () => {
    spans = collectLimitedSpans({ siblings: 2, spansPerTrace: 6 });
    withSpan('root', {}, () => {
      times(9, () => withSpan('a', {}, () => 1));
      times(9, () => withSpan('b', {}, () => 1));
    });
    // root, 2 a, their fold and its slowest, 1 b.
    expect(spans.spans()).toHaveLength(6);
    expect(spans.fold('a').attributes[foldNames.count]).toBe(7);
    expect(spans.named('root')[0]?.attributes).toEqual({ [DROPPED]: 8 });
  });

  it('costs nothing where nothing is recorded: no span, no count', () => {
    spans = collectLimitedSpans({ siblings: 1, spansPerTrace: 2 });
    const unsampled = trace.setSpan(
      context.active(),
      trace.wrapSpanContext({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 0 }),
    );
    context.with(unsampled, () => times(9, () => withSpan('step', {}, () => 1)));
    withSpan('root', {}, () => {
      const quiet = suppressTracing(context.active());
      times(9, () => {
        const span = openSpan('export', {}, quiet);
        expect(span.spanContext().traceId).toMatch(/^0+$/);
        span.end();
      });
    });
    expect(spans.spans().map(({ name }) => name)).toEqual(['root']);
    expect(spans.dropped('folded') + spans.dropped('trace-limit')).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('does not take %p for a number of spans', (value) => {
    spans = collectLimitedSpans();
    expect(() => limitSpans({ siblings: value })).toThrow(/^limits\.siblings must be false or a whole number/);
    expect(() => limitSpans({ spansPerTrace: value })).toThrow(/^limits\.spansPerTrace must be/);
  });
});

describe('what folding remembers is bounded', () => {
  it('looks at 200 different names below one span; further ones do not fold', () => {
    spans = collectLimitedSpans({ siblings: 1, spansPerTrace: false });
    withSpan('root', {}, () => times(3, () => times(250, (index) => withSpan(`name ${index}`, {}, () => 1))));
    const folded = new Set(
      spans
        .spans()
        .filter(isFold)
        .map(({ name }) => name),
    );
    expect([folded.size, folded.has('name 199'), folded.has('name 200')]).toEqual([200, true, false]);
    expect(spans.named('name 249')).toHaveLength(3);
  });

  it('lets 1,000 folds wait for work that never ends; then the oldest is sent with what it has', () => {
    spans = collectLimitedSpans({ siblings: 1 });
    const hang = (index: number) =>
      withSpan(`root ${index}`, {}, () => {
        times(3, () => withSpan('hang', {}, () => 1));
        void withSpan('hang', {}, () => new Promise<never>(() => undefined));
      });
    times(1_000, hang);
    expect(spans.spans().some(isFold)).toBe(false);
    times(2, (index) => hang(index + 1_000));
    const folds = spans.spans().filter(isFold);
    const roots = [spans.named('root 0')[0], spans.named('root 1')[0]];
    expect(folds.map(({ parentSpanId }) => parentSpanId)).toEqual(roots.map((root) => root?.spanId));
    expect(folds.map(({ attributes }) => attributes[foldNames.count])).toEqual([2, 2]);
  });
});

describe('any tree of calls', () => {
  interface Call {
    readonly name: string;
    readonly failing: boolean;
    readonly detached: boolean;
    readonly below: readonly Call[];
  }

  /** At most `depth` levels below it. */
  const callOf = (depth: number): fc.Arbitrary<Call> =>
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      failing: fc.boolean(),
      detached: fc.boolean(),
      below: depth === 0 ? fc.constant([]) : fc.array(callOf(depth - 1), { maxLength: 9, size: 'max' }),
    });

  it('is accounted for: spans + folded + dropped = calls, and every error is held at most once', async () => {
    const limits = fc.record({
      siblings: fc.integer({ min: 1, max: 4 }),
      spansPerTrace: fc.integer({ min: 1, max: 40 }),
    });
    const property = fc.asyncProperty(callOf(3), limits, async (tree, { siblings, spansPerTrace }) => {
      spans = collectLimitedSpans({ siblings, spansPerTrace });
      let calls = 0;
      let errors = 0;
      const detached: Promise<unknown>[] = [];
      const run = async (call: Call): Promise<void> => {
        calls++;
        await withSpan(call.name, {}, async () => {
          await Promise.resolve();
          const waited: Promise<void>[] = [];
          for (const below of call.below) (below.detached ? detached : waited).push(run(below));
          await Promise.all(waited);
          if (!call.failing) return;
          errors++;
          throw new Error(`failed ${errors}`);
        }).catch(() => undefined);
      };
      await run(tree);
      await Promise.all(detached);

      const exported = spans.spans();
      const folds = exported.filter(isFold);
      const ownSpans = exported.length - folds.length;
      expect(ownSpans + spans.dropped('folded') + spans.dropped('trace-limit')).toBe(calls);
      expect(exported.length).toBeLessThanOrEqual(spansPerTrace);
      const kept = exported.filter(isKept);
      expect(kept.every(({ parentSpanId }) => folds.some(({ spanId }) => spanId === parentSpanId))).toBe(true);
      const messages = exported.flatMap(({ events }) =>
        events.map(({ attributes }) => attributes['exception.message']),
      );
      expect(new Set(messages).size).toBe(messages.length);
      await spans.shutdown();
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
