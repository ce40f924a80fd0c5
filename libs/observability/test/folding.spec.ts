import { SpanKind, context, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { DecodedSpan } from '@signalpress/testing';
import { currentTraceContext, semconv, withSpan } from '../src/index.js';
import { openSpan } from '../src/tracing/span.js';
import { collectLimitedSpans, foldNames, isFold, isKept } from './support/limited-spans.js';
import type { LimitedSpans } from './support/limited-spans.js';

let spans: LimitedSpans;
afterEach(() => spans.shutdown());

const times = <T>(count: number, call: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => call(i));
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const endNs = (span: DecodedSpan) => span.startTimeNs + BigInt(Math.round(span.durationMs * 1e6));

describe('equal siblings', () => {
  it('get a span each up to the limit, and one together beyond it, with their count', () => {
    spans = collectLimitedSpans();
    const load = (index: number) => withSpan('load', { index, table: 'ideas' }, () => index, { kind: SpanKind.CLIENT });
    const loaded = withSpan('root', {}, () => times(50, load));

    expect(loaded).toEqual(times(50, (index) => index));
    const [root] = spans.named('root');
    const ordinary = spans.named('load').filter((span) => !isFold(span) && !isKept(span));
    expect(ordinary.map((span) => span.attributes['index'])).toEqual(times(10, (index) => index));
    const fold = spans.fold('load');
    expect(fold).toMatchObject({ kind: 'client', parentSpanId: root?.spanId, traceId: root?.traceId });
    expect(fold.attributes).toEqual({
      table: 'ideas',
      [foldNames.count]: 40,
      [foldNames.duration]: expect.any(Number),
      [foldNames.failed]: 0,
    });
    expect(fold.status.code).toBe('unset');
    // 10 of their own, the fold, its slowest.
    expect(spans.named('load')).toHaveLength(12);
    expect(spans.dropped('folded')).toBe(39);
  });

  it('sums durations, whether they follow each other or run at once', async () => {
    spans = collectLimitedSpans({ siblings: 2 });
    const measured = { inside: 0, outside: 0 };
    const work = async (index: number) => {
      const before = performance.now();
      await withSpan('work', {}, async () => {
        const begun = performance.now();
        await pause(index % 7);
        if (index >= 2) measured.inside += performance.now() - begun;
      });
      if (index >= 2) measured.outside += performance.now() - before;
    };
    await withSpan('root', {}, async () => {
      for (const index of [0, 1, 2, 3, 4, 5]) await work(index);
      await Promise.all(times(20, (index) => work(index + 6)));
    });
    const fold = spans.fold('work');
    const sum = Number(fold.attributes[foldNames.duration]) * 1_000;
    expect(fold.attributes[foldNames.count]).toBe(24);
    expect(sum).toBeGreaterThanOrEqual(measured.inside);
    expect(sum).toBeLessThanOrEqual(measured.outside);
    // Twenty of them ran at once: the fold itself is shorter than their sum.
    expect(fold.durationMs).toBeLessThan(sum);
  });

  it('keep the slowest one, as a span with its own times and attributes inside of the fold', () => {
    spans = collectLimitedSpans({ siblings: 1 });
    const link = {
      context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
    };
    withSpan('root', {}, () => {
      const begun = performance.now() - 1_000;
      for (let index = 0; index < 12; index++) {
        const startTime = begun + index / 100;
        const span = openSpan('query', { attributes: { index }, links: [link], startTime }, context.active());
        span.setAttribute('rows', index * 2);
        span.end(startTime + (index === 7 ? 40 : 1));
      }
    });
    const fold = spans.fold('query');
    const kept = spans.spans().filter(isKept);
    expect(kept).toHaveLength(1);
    const [slowest] = kept as [DecodedSpan];
    expect(slowest.parentSpanId).toBe(fold.spanId);
    expect(slowest.attributes).toEqual({ index: 7, rows: 14, [foldNames.kept]: 'slowest' });
    expect(slowest.links).toEqual([{ traceId: link.context.traceId, spanId: link.context.spanId, attributes: {} }]);
    expect(slowest.durationMs).toBeCloseTo(40, 1);
    expect(slowest.startTimeNs).toBeGreaterThanOrEqual(fold.startTimeNs);
    expect(endNs(slowest)).toBeLessThanOrEqual(endNs(fold) + 1_000n);
    expect(slowest.durationMs).toBeLessThanOrEqual(fold.durationMs + 0.001);
    expect(Number(fold.attributes[foldNames.duration])).toBeCloseTo(0.05, 4);
  });

  it('are those of one name, kind and parent, however they are mixed', () => {
    spans = collectLimitedSpans({ siblings: 5 });
    const one = (name: string, kind?: SpanKind) => withSpan(name, {}, () => 1, kind === undefined ? {} : { kind });
    withSpan('root', {}, () =>
      times(12, (index) => {
        one('a');
        one('b');
        one('b', SpanKind.CLIENT);
        if (index < 5) one('c');
        withSpan(`only ${index}`, {}, () => times(5, () => one('a')));
      }),
    );
    const folds = spans.spans().filter(isFold);
    expect(folds.map((fold) => [fold.name, fold.kind, fold.attributes[foldNames.count]]).sort()).toEqual([
      ['a', 'internal', 7],
      ['b', 'client', 7],
      ['b', 'internal', 7],
    ]);
    expect(spans.named('c')).toHaveLength(5);
    expect(spans.named('a').filter((span) => !isFold(span) && !isKept(span))).toHaveLength(5 + 12 * 5);
  });

  it('fold at every depth, each under its own parent', () => {
    spans = collectLimitedSpans({ siblings: 3 });
    withSpan('root', {}, () =>
      times(5, () => withSpan('page', {}, () => times(9, () => withSpan('row', {}, () => 1)))),
    );
    const pages = spans.named('page').filter((span) => !isFold(span) && !isKept(span));
    const rowFolds = spans.named('row').filter(isFold);
    expect(pages).toHaveLength(3);
    expect(rowFolds.map((fold) => fold.parentSpanId).sort()).toEqual(pages.map((page) => page.spanId).sort());
    expect(rowFolds.map((fold) => fold.attributes[foldNames.count])).toEqual([6, 6, 6]);
    expect(spans.fold('page').attributes[foldNames.count]).toBe(2);
    // Below the two folded pages nothing is recorded; the calls are counted all the same.
    expect(spans.named('row')).toHaveLength(3 * (3 + 1 + 1));
    expect(spans.dropped('folded')).toBe(3 * 5 + 1 + 2 * 9);
  });

  it('record nothing below a folded one; what leaves it points to the fold', async () => {
    spans = collectLimitedSpans({ siblings: 1 });
    const parents: (string | undefined)[] = [];
    await withSpan('root', {}, () =>
      Promise.all(
        times(4, (index) =>
          withSpan('send', {}, async (span) => {
            await pause(1);
            expect(span.isRecording()).toBe(index === 0);
            expect(trace.getActiveSpan()).toBe(span);
            parents.push(currentTraceContext()?.traceparent);
            withSpan('inner', {}, () => {
              parents.push(currentTraceContext()?.traceparent);
              withSpan('innermost', {}, () => 1);
            });
          }),
        ),
      ),
    );
    const fold = spans.fold('send');
    expect(spans.named('inner')).toHaveLength(1);
    expect(spans.named('innermost')).toHaveLength(1);
    const outward = `00-${fold.traceId}-${fold.spanId}-01`;
    expect(parents.filter((parent) => parent === outward)).toHaveLength(6);
  });

  it('of 10,000 at once are one fold, exactly counted', async () => {
    spans = collectLimitedSpans();
    await withSpan('root', {}, () =>
      Promise.all(times(10_000, (index) => withSpan('item', { index }, () => pause(index % 5)))),
    );
    const fold = spans.fold('item');
    expect(fold.attributes[foldNames.count]).toBe(9_990);
    expect(spans.spans()).toHaveLength(1 + 10 + 1 + 1);
    expect(spans.dropped('folded')).toBe(9_989);
    expect(spans.dropped('trace-limit')).toBe(0);
  });

  it.each(['SERVER', 'CONSUMER'] as const)('of kind %s never fold: each began something of its own', (kind) => {
    spans = collectLimitedSpans({ siblings: 2 });
    withSpan('root', {}, () => times(6, () => withSpan('process', {}, () => 1, { kind: SpanKind[kind] })));
    expect(spans.named('process')).toHaveLength(6);
    expect(spans.spans().some(isFold)).toBe(false);
  });

  it('that are roots, or continue a caller of another process, never fold', () => {
    spans = collectLimitedSpans({ siblings: 2 });
    const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    withSpan('outer', {}, () => {
      times(6, () => withSpan('root', {}, () => 1, { root: true }));
      times(6, () => withSpan('remote', {}, () => 1, { parent }));
    });
    expect(spans.named('root')).toHaveLength(6);
    expect(spans.named('remote')).toHaveLength(6);
    expect(spans.spans().some(isFold)).toBe(false);
  });

  it('do not fold when folding is off', () => {
    spans = collectLimitedSpans({ siblings: false });
    withSpan('root', {}, () => times(200, () => withSpan('load', {}, () => 1)));
    expect(spans.named('load')).toHaveLength(200);
    expect(spans.dropped('folded')).toBe(0);
  });

  it('of spans that somebody else opened fold as well, and end with them', () => {
    spans = collectLimitedSpans({ siblings: 2 });
    const foreign = trace.getTracer('somebody').startSpan('foreign');
    const inside = trace.setSpan(context.active(), foreign);
    context.with(inside, () => times(5, () => withSpan('load', {}, () => 1)));
    expect(spans.spans().some(isFold)).toBe(false);
    foreign.end();
    expect(spans.fold('load')).toMatchObject({
      parentSpanId: foreign.spanContext().spanId,
      attributes: { [foldNames.count]: 3 },
    });
  });
});

describe('work that outlives its parent', () => {
  it('is counted: the fold ends with the last of its siblings', async () => {
    spans = collectLimitedSpans({ siblings: 2 });
    const running: Promise<void>[] = [];
    withSpan('root', {}, () => {
      running.push(...times(30, (index) => withSpan('late', { index }, () => pause(index))));
    });
    expect(spans.named('root')).toHaveLength(1);
    expect(spans.spans().some(isFold)).toBe(false);
    await Promise.all(running);
    const fold = spans.fold('late');
    expect(fold.attributes[foldNames.count]).toBe(28);
    expect(endNs(fold)).toBeGreaterThan(endNs(spans.named('root')[0]!));
    expect(spans.spans().filter(isKept)).toHaveLength(1);
  });

  it('and never ends is given up at shutdown: what had ended by then is not lost', async () => {
    spans = collectLimitedSpans({ siblings: 1 });
    const ends: (() => void)[] = [];
    withSpan('root', {}, () => {
      withSpan('hang', {}, () => 1);
      times(3, () => void withSpan('hang', {}, () => new Promise<void>((resolve) => ends.push(resolve))));
      times(4, () => withSpan('hang', {}, () => 1));
    });
    expect(spans.spans().some(isFold)).toBe(false);
    await spans.giveUp();
    expect(spans.fold('hang').attributes[foldNames.count]).toBe(4);
    ends.forEach((end) => end());
    await pause(1);
    expect(spans.named('hang')).toHaveLength(3);
    expect(spans.dropped('folded')).toBe(3 + 3);
  });

  it('and begins after it has spans of its own, up to the limit of the trace', async () => {
    spans = collectLimitedSpans({ siblings: 2, spansPerTrace: 12 });
    let later: Promise<unknown> | undefined;
    withSpan('root', {}, () => {
      later = pause(5).then(() => times(40, () => withSpan('poll', {}, () => 1)));
    });
    await later;
    expect(spans.named('poll')).toHaveLength(11);
    expect(spans.spans().some(isFold)).toBe(false);
    expect(spans.dropped('trace-limit')).toBe(29);
  });
});

describe('openSpan', () => {
  it('hands out folded spans that end once and take times from outside', () => {
    spans = collectLimitedSpans({ siblings: 1 });
    withSpan('root', {}, () => {
      const active = context.active();
      openSpan('query', { kind: SpanKind.CLIENT }, active).end();
      const startTime = performance.now() - 250;
      const span = openSpan('query', { kind: SpanKind.CLIENT, startTime }, active);
      span.end(startTime + 200);
      span.end(startTime + 900);
      span.setAttribute('late', true);
      openSpan('query', { kind: SpanKind.CLIENT, startTime: Date.now() - 100 }, active).end(new Date());
    });
    const fold = spans.fold('query');
    expect(fold.attributes[foldNames.count]).toBe(2);
    expect(Number(fold.attributes[foldNames.duration])).toBeCloseTo(0.3, 1);
    const [slowest] = spans.spans().filter(isKept);
    expect(slowest?.durationMs).toBeCloseTo(200, 0);
    expect(slowest?.attributes).toEqual({ [foldNames.kept]: 'slowest' });
  });

  it('uses names that are declared once', () => {
    spans = collectLimitedSpans();
    expect(Object.values(semconv.attributeNames)).toEqual(
      expect.arrayContaining([...Object.values(foldNames), 'signalpress.spans.dropped']),
    );
  });
});
