import { describe, expect, it } from '@jest/globals';
import { TraceFlags } from '@opentelemetry/api';
import fc from 'fast-check';
import * as prom from 'prom-client';
import { buckets, counterDefinition, gaugeDefinition, histogramDefinition, Metrics } from '../src/index.js';
import { parseExposition } from './support/exposition-parser.js';
import type { ParsedFamily } from './support/exposition-parser.js';

const formats = ['prometheus', 'openmetrics'] as const;
const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};
const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const nastyText = fc.oneof(
  anyText,
  fc.string({ unit: fc.constantFrom('\\', '"', '\n', '{', '}', ',', '=', '#', ' ', 'n', 'é', '🙂'), maxLength: 20 }),
);

/** In one order, with bounds as numbers: prom-client writes whole ones without a point. */
function comparable(family: ParsedFamily | undefined): string[] | undefined {
  return family?.samples
    .map(({ name, labels, value }) => {
      const { le, ...others } = labels;
      const bound = le === undefined ? '' : Number(le.replace('Inf', 'Infinity'));
      return JSON.stringify([name, others, String(bound), value]);
    })
    .sort();
}

describe('the text of a scrape', () => {
  it('gives back any label values, help texts and numbers, in both formats', async () => {
    const metrics = new Metrics();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        nastyText,
        fc.uniqueArray(fc.tuple(nastyText, nastyText, fc.double({ noNaN: true })), {
          selector: ([left, right]) => JSON.stringify([left, right]),
          maxLength: 30,
        }),
        async (help, rows) => {
          const name = `g_${run++}`;
          const gauge = metrics.gauge(gaugeDefinition({ name, help, labels: ['left', 'right'] }));
          for (const [left, right, value] of rows) gauge.set(value, { left, right });
          for (const format of formats) {
            const family = parseExposition(await metrics.scrape(format), format).get(name);
            expect(family?.help).toBe(help);
            expect(family?.samples.map(({ labels, value }) => [labels['left'], labels['right'], value + 0])).toEqual(
              rows.map(([left, right, value]) => [left, right, value + 0]),
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('says of the same observations what prom-client says', async () => {
    const metrics = new Metrics();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c "d"'), fc.double({ min: -1, max: 20, noNaN: true })), {
          maxLength: 60,
        }),
        async (observations) => {
          const [seconds, total] = [`h${run}_seconds`, `c${run}_total`];
          run += 1;
          const registry = new prom.Registry();
          const registers = [registry];
          const theirHistogram = new prom.Histogram({
            name: seconds,
            help: 'H.',
            labelNames: ['k'],
            buckets: [...buckets.httpRequest],
            registers,
          });
          const theirCounter = new prom.Counter({ name: total, help: 'C.', labelNames: ['k'], registers });
          const ourHistogram = metrics.histogram(
            histogramDefinition({ name: seconds, help: 'H.', labels: ['k'], buckets: buckets.httpRequest }),
          );
          const ourCounter = metrics.counter(counterDefinition({ name: total, help: 'C.', labels: ['k'] }));
          for (const [k, value] of observations) {
            theirHistogram.observe({ k }, value);
            ourHistogram.observe(value, { k });
            theirCounter.inc({ k }, Math.abs(value));
            ourCounter.inc({ k }, Math.abs(value));
          }
          // prom-client puts an empty line between families.
          const theirs = parseExposition((await registry.metrics()).replaceAll('\n\n', '\n'), 'prometheus');
          const ours = parseExposition(await metrics.scrape('prometheus'), 'prometheus');
          for (const name of [seconds, total]) expect(comparable(ours.get(name))).toEqual(comparable(theirs.get(name)));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('writes bounds alike in both formats, as Prometheus 3 stores them', async () => {
    const metrics = new Metrics();
    const histogram = histogramDefinition({ name: 'h_bytes', help: 'H.', buckets: [0.5, 1, 10_000] });
    metrics.histogram(histogram).observe(0.75);
    for (const format of formats) {
      const samples = parseExposition(await metrics.scrape(format), format).get('h_bytes')?.samples ?? [];
      expect(samples.filter(({ labels }) => labels['le']).map(({ labels, value }) => [labels['le'], value])).toEqual([
        ['0.5', 0],
        ['1.0', 1],
        ['10000.0', 1],
        ['+Inf', 1],
      ]);
    }
  });

  it('has no two series of the same text, whatever the values become on the wire', async () => {
    const metrics = new Metrics();
    const counter = metrics.counter(counterDefinition({ name: 'odd_total', help: 'Odd.', labels: ['value'] }));
    const odd = ['\ud800', '\ud801', 'x'.repeat(300), 'x'.repeat(400), '1', '\ufffd'];
    for (const value of odd) counter.inc({ value });
    counter.inc({ value: 1 });
    const text = Buffer.from(await metrics.scrape('openmetrics')).toString();
    const samples = parseExposition(text, 'openmetrics').get('odd')?.samples ?? [];
    expect(samples.map(({ labels, value }) => [labels['value'], value])).toEqual([
      ['\ufffd', 3],
      ['x'.repeat(256), 2],
      ['1', 2],
    ]);
  });

  it('holds what other libraries put into the prom-client registry, and refuses a name that it has', async () => {
    const metrics = new Metrics();
    new prom.Counter({ name: 'foreign_total', help: 'F.', labelNames: ['k'], registers: [metrics.registry] }).inc({
      k: 'a"b',
    });
    for (const format of formats) {
      const family = parseExposition(await metrics.scrape(format), format).get(
        format === 'openmetrics' ? 'foreign' : 'foreign_total',
      );
      expect(family?.samples).toEqual([{ name: 'foreign_total', labels: { k: 'a"b' }, value: 1 }]);
    }
    expect(() => metrics.counter(counterDefinition({ name: 'foreign_total', help: 'F.' }))).toThrow('defined twice');
  });

  it('is of one moment per metric, while others observe between its pieces', async () => {
    const metrics = new Metrics();
    const definition = histogramDefinition({ name: 'busy_seconds', help: 'B.', labels: ['k'], maxSeries: 2_000 });
    const series = Array.from({ length: 2_000 }, (_, k) => metrics.histogram(definition).labels({ k }));
    let turns = 0;
    let running = true;
    const observeAll = (): void => {
      turns += 1;
      for (const one of series) one.observe(0.2, span);
      if (running) setImmediate(observeAll);
    };
    observeAll();
    const text = await metrics.scrape('openmetrics');
    running = false;
    expect(turns).toBeGreaterThan(20);
    const samples = parseExposition(text, 'openmetrics').get('busy_seconds')?.samples ?? [];
    expect(new Set(samples.filter(({ name }) => name.endsWith('_count')).map(({ value }) => value)).size).toBe(1);
  });
});

describe('exemplars', () => {
  const definition = histogramDefinition({ name: 'e_seconds', help: 'E.', buckets: [1, 2] });
  const exemplarsOf = async (metrics: Metrics) =>
    parseExposition(await metrics.scrape('openmetrics'), 'openmetrics')
      .get('e_seconds')
      ?.samples.flatMap(({ exemplar }) => exemplar ?? []);

  it('are the newest of each bucket, of sampled and valid spans only (ignored routes had ids of zeros)', async () => {
    const metrics = new Metrics();
    const histogram = metrics.histogram(definition);
    histogram.observe(0.25, {}, span);
    histogram.observe(0.5, {}, span);
    histogram.observe(5, {}, span);
    histogram.observe(0.75, {}, { ...span, traceFlags: TraceFlags.NONE });
    histogram.observe(1.5, {}, { ...span, traceId: '0'.repeat(32) });
    histogram.observe(1.5, {}, { ...span, spanId: '0'.repeat(16) });
    const labels = { trace_id: span.traceId, span_id: span.spanId };
    expect(await exemplarsOf(metrics)).toEqual([
      { labels, value: 0.5, at: expect.any(Number) },
      { labels, value: 5, at: expect.any(Number) },
    ]);
    expect(await metrics.scrape('prometheus')).not.toContain(span.traceId);
  });
});

describe('bound instruments', () => {
  it('are the same series as the labels that they were bound to, and the same object each time', async () => {
    const metrics = new Metrics();
    const counter = metrics.counter(counterDefinition({ name: 'b_total', help: 'B.', labels: ['k'] }));
    const bound = counter.labels({ k: 1 });
    bound.inc();
    bound.inc(2.5);
    counter.inc({ k: '1' });
    expect(counter.labels({ k: '1' })).toBe(bound);
    const gauge = metrics.gauge(gaugeDefinition({ name: 'b', help: 'B.', labels: ['k'] }));
    gauge.labels({ k: 'x' }).set(Number.NEGATIVE_INFINITY);
    const text = await metrics.scrape();
    expect(text).toContain('b_total{k="1"} 4.5\n');
    expect(text).toContain('b{k="x"} -Inf\n');
  });

  it('are bounded: beyond the limit they are the overflow series, and each use counts', async () => {
    const metrics = new Metrics();
    const histogram = metrics.histogram(
      histogramDefinition({ name: 'o_seconds', help: 'O.', labels: ['a', 'b'], maxSeries: 2, buckets: [1] }),
    );
    for (let a = 0; a < 1_000; a++) histogram.labels({ a, b: 'x' }).observe(0.5);
    expect(histogram.labels({ a: 7, b: 'x' })).toBe(histogram.labels({ a: 8, b: 'x' }));
    const text = await metrics.scrape();
    expect(text.match(/^o_seconds_count.*$/gm)).toEqual([
      'o_seconds_count{a="0",b="x"} 1',
      'o_seconds_count{a="1",b="x"} 1',
      'o_seconds_count{a="overflow",b="overflow"} 998',
    ]);
    expect(text).toContain('telemetry_metric_overflow_total{metric="o_seconds"} 998\n');
  });

  it('refuse what would spoil a series', () => {
    const metrics = new Metrics();
    const counter = metrics.counter(counterDefinition({ name: 'r_total', help: 'R.' }));
    for (const value of [-1, Number.NaN, Infinity]) expect(() => counter.inc({}, value)).toThrow(RangeError);
    const histogram = metrics.histogram(histogramDefinition({ name: 'r_seconds', help: 'R.' }));
    for (const value of [Number.NaN, Infinity]) expect(() => histogram.observe(value)).toThrow(RangeError);
  });
});

describe('observed metrics', () => {
  it('shows a counter that its owner counts, with the suffix of a counter', async () => {
    const metrics = new Metrics();
    let seen = 41;
    metrics.observeCounter(counterDefinition({ name: 'seen_total', help: 'S.' }), () => ++seen);
    expect(await metrics.scrape('openmetrics')).toContain('# TYPE seen counter\nseen_total 42\n');
    expect(await metrics.scrape('prometheus')).toContain('# TYPE seen_total counter\nseen_total 43\n');
  });

  it('does not begin a reading again that hangs, and goes on without it', async () => {
    const metrics = new Metrics();
    let begun = 0;
    metrics.observeGauge(gaugeDefinition({ name: 'hanging', help: 'H.' }), () => {
      begun += 1;
      return new Promise<never>(() => undefined);
    });
    const texts = await Promise.all([metrics.scrape(), metrics.scrape(), metrics.scrape()]);
    expect(begun).toBe(1);
    for (const text of texts) expect(text).not.toContain('hanging ');
    metrics.observeGauge(gaugeDefinition({ name: 'fine', help: 'F.' }), () => 1);
    expect(await metrics.scrape()).toContain('fine 1\n');
    expect(begun).toBe(1);
  });
});
