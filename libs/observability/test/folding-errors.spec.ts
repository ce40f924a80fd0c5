import { SpanKind, SpanStatusCode, context } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ServiceError, withSpan } from '../src/index.js';
import { openSpan, recordError } from '../src/tracing/span.js';
import { collectLimitedSpans, foldNames, isFold, isKept } from './support/limited-spans.js';
import type { LimitedSpans } from './support/limited-spans.js';

let spans: LimitedSpans;
afterEach(() => spans.shutdown());

const times = <T>(count: number, call: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => call(i));
/** The messages of all exception events that were exported. */
const exceptions = () =>
  spans.spans().flatMap(({ events }) => events.map(({ attributes }) => attributes['exception.message']));

describe('a folded sibling that fails', () => {
  it('throws its error on unchanged, and is written as a span of its own that holds it', async () => {
    spans = collectLimitedSpans({ siblings: 2 });
    const errors = times(12, (index) => new RangeError(`no card ${index} for ada@example.org`));
    const caught: unknown[] = [];
    await withSpan('root', {}, async () => {
      for (const [index, error] of errors.entries()) {
        const call = async (): Promise<number> => {
          await Promise.resolve();
          if (index % 4 === 3) throw error;
          return index;
        };
        await withSpan('charge', { index }, call).catch((thrown: unknown) => caught.push(thrown));
      }
    });
    expect(caught).toEqual([errors[3], errors[7], errors[11]]);
    caught.forEach((thrown, at) => expect(thrown).toBe(errors[at * 4 + 3]));
    const fold = spans.fold('charge');
    expect(fold.attributes).toMatchObject({ [foldNames.count]: 10, [foldNames.failed]: 3 });
    expect(fold.status.code).toBe('unset');
    const failed = spans.spans().filter((span) => span.attributes[foldNames.kept] === 'failed');
    expect(failed.map(({ attributes }) => attributes['index'])).toEqual([3, 7, 11]);
    for (const span of failed) {
      expect(span).toMatchObject({ parentSpanId: fold.spanId, status: { code: 'error' } });
      expect(span.attributes['error.type']).toBe('RangeError');
      expect(span.events).toHaveLength(1);
    }
    expect(exceptions()).toEqual([3, 7, 11].map((index) => `no card ${index} for [redacted]`));
  });

  it('is held exactly once: by its own span, by that of a kept one, or further out', () => {
    spans = collectLimitedSpans({ siblings: 5 });
    withSpan('root', {}, () =>
      times(30, (index) => {
        const failing = () =>
          withSpan('step', {}, () => {
            throw new Error(`failed ${index}`);
          });
        expect(() => withSpan(`outer ${index}`, {}, () => withSpan('group', {}, failing))).toThrow(`failed ${index}`);
      }),
    );
    expect(exceptions()).toEqual(times(30, (index) => `failed ${index}`));
    spans.reset();

    // All below one parent: ten of the folded failures are kept, the error of the others is held by the span around it.
    withSpan('root', {}, () => {
      times(30, (index) => {
        expect(() =>
          withSpan('step', {}, () =>
            withSpan('inner', {}, () => {
              throw new Error(`failed ${index}`);
            }),
          ),
        ).toThrow(`failed ${index}`);
      });
    });
    const fold = spans.fold('step');
    expect(fold.attributes).toMatchObject({ [foldNames.count]: 25, [foldNames.failed]: 25 });
    expect(spans.spans().filter((span) => span.attributes[foldNames.kept] === 'failed')).toHaveLength(10);
    expect(exceptions()).toHaveLength(15);
    expect(new Set(exceptions()).size).toBe(15);
  });

  it('beyond the kept ones leaves its error to the span around it', () => {
    spans = collectLimitedSpans({ siblings: 1 });
    const last = new Error('the last');
    expect(() =>
      withSpan('root', {}, () => {
        times(11, (index) => {
          expect(() =>
            withSpan('step', {}, () => {
              throw new Error(`failed ${index}`);
            }),
          ).toThrow();
        });
        withSpan('step', {}, () => {
          throw last;
        });
      }),
    ).toThrow(last);
    expect(exceptions()).toHaveLength(12);
    expect(spans.named('root')[0]?.events[0]?.attributes['exception.message']).toBe('the last');
    expect(spans.fold('step').attributes).toMatchObject({ [foldNames.count]: 11, [foldNames.failed]: 11 });
  });

  it('with an expected error is kept too, and does not turn red', () => {
    spans = collectLimitedSpans({ siblings: 1 });
    const missing = new ServiceError('no such idea', { code: 'idea-missing', severity: 'expected' });
    withSpan('root', {}, () => {
      withSpan('find', {}, () => 1);
      withSpan('find', {}, () => 2);
      expect(() =>
        withSpan('find', {}, () => {
          throw missing;
        }),
      ).toThrow(missing);
    });
    const [kept] = spans.spans().filter((span) => span.attributes[foldNames.kept] === 'failed');
    expect(kept).toMatchObject({ name: 'find', status: { code: 'unset' } });
    expect(kept?.events).toHaveLength(1);
    expect(spans.fold('find').attributes[foldNames.failed]).toBe(1);
  });

  it('without an exception (an answer of 503) is kept by its status', () => {
    spans = collectLimitedSpans({ siblings: 1 });
    withSpan('root', {}, () => {
      for (const status of [200, 200, 503, 200]) {
        const span = openSpan('GET', { kind: SpanKind.CLIENT }, context.active());
        span.setAttribute('http.response.status_code', status);
        if (status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      }
    });
    const failed = spans.spans().filter((span) => span.attributes[foldNames.kept] === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ status: { code: 'error' }, attributes: { 'http.response.status_code': 503 } });
  });

  it('and is the slowest as well is written once', () => {
    spans = collectLimitedSpans({ siblings: 1 });
    withSpan('root', {}, () => {
      const startTime = performance.now() - 1_000;
      for (const ms of [1, 1, 30, 1]) {
        const span = openSpan('call', { startTime }, context.active());
        if (ms === 30) recordError(span, new Error('late'));
        span.end(startTime + ms);
      }
    });
    const kept = spans.spans().filter(isKept);
    expect(kept.map(({ attributes }) => attributes[foldNames.kept])).toEqual(['failed']);
    expect(spans.spans().filter(isFold)).toHaveLength(1);
    expect(spans.dropped('folded')).toBe(2);
  });
});
