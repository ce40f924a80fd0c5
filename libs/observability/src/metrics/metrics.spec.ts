import { TraceFlags } from '@opentelemetry/api';
import { describe, expect, it } from '@jest/globals';
import { Histogram } from 'prom-client';
import { counterDefinition, gaugeDefinition, histogramDefinition } from './definitions.js';
import { Metrics } from './metrics.js';

const published = counterDefinition({ name: 'ideas_published_total', help: 'Published.', labels: ['outcome'] });
const plain = counterDefinition({ name: 'plain_total', help: 'No labels.' });
const depth = gaugeDefinition({ name: 'queue_depth', help: 'Depth.', labels: ['queue'] });
const seconds = histogramDefinition({ name: 'work_seconds', help: 'Work.', labels: ['kind'], buckets: [0.1, 1] });

const lines = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(name));

describe('Metrics', () => {
  it('writes counters with _total in both formats, however often and in whatever order they are asked for', async () => {
    const metrics = new Metrics();
    metrics.counter(published).inc({ outcome: 'ok' });
    metrics.counter(published).inc({ outcome: 'ok' }, 2);
    metrics.counter(plain).inc();
    for (const format of ['prometheus', 'openmetrics', 'prometheus', 'openmetrics'] as const) {
      const text = await metrics.scrape(format);
      expect(lines(text, 'ideas_published')).toEqual(['ideas_published_total{outcome="ok"} 3']);
      expect(lines(text, 'plain_total')).toEqual(['plain_total 1']);
      expect(text).toContain(
        `# TYPE ${format === 'openmetrics' ? 'ideas_published' : 'ideas_published_total'} counter`,
      );
      expect(text.endsWith('# EOF\n')).toBe(format === 'openmetrics');
    }
  });

  it('gives two applications in one process their own instruments', async () => {
    const [first, second] = [new Metrics(), new Metrics()];
    first.counter(plain).inc();
    second.counter(plain).inc(undefined, 5);
    expect(lines(await first.scrape(), 'plain_total')).toEqual(['plain_total 1']);
    expect(lines(await second.scrape(), 'plain_total')).toEqual(['plain_total 5']);
  });

  it('refuses two definitions of one name', () => {
    const metrics = new Metrics();
    metrics.counter(plain);
    expect(() => metrics.counter(counterDefinition({ name: 'plain_total', help: 'Another.' }))).toThrow(
      'defined twice',
    );
  });

  it('gives an exemplar only to a sampled span', async () => {
    const metrics = new Metrics();
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    metrics.histogram(seconds).observe(0.05, { kind: 'sampled' }, { ...ids, traceFlags: TraceFlags.SAMPLED });
    metrics.histogram(seconds).observe(0.05, { kind: 'unsampled' }, { ...ids, traceFlags: TraceFlags.NONE });
    const text = await metrics.scrape('openmetrics');
    const exemplars = lines(text, 'work_seconds').filter((line) => line.includes(' # '));
    expect(exemplars).toHaveLength(1);
    expect(exemplars[0]).toMatch(
      /^work_seconds_bucket\{le="0.1",kind="sampled"\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"\} 0.05 [\d.]+$/,
    );
    expect(await metrics.scrape('prometheus')).not.toContain(' # {');
    expect(lines(text, 'work_seconds_count{kind="sampled"}')).toEqual(['work_seconds_count{kind="sampled"} 1']);
  });

  it('folds too many label values into one series and counts them', async () => {
    const metrics = new Metrics();
    const bounded = counterDefinition({ name: 'bounded_total', help: 'Bounded.', labels: ['id'], maxSeries: 3 });
    for (let id = 0; id < 10; id++) metrics.counter(bounded).inc({ id });
    metrics.counter(bounded).inc({ id: 1 });
    const text = await metrics.scrape();
    expect(lines(text, 'bounded_total')).toEqual([
      'bounded_total{id="0"} 1',
      'bounded_total{id="1"} 2',
      'bounded_total{id="2"} 1',
      'bounded_total{id="overflow"} 7',
    ]);
    expect(lines(text, 'telemetry_metric_overflow_total')).toEqual([
      'telemetry_metric_overflow_total{metric="bounded_total"} 7',
    ]);
  });

  it('reads an observed gauge at each scrape, forgets series that are gone, and survives a failing reader', async () => {
    const metrics = new Metrics();
    const answers = [[{ labels: { queue: 'a' }, value: 1 }], [{ labels: { queue: 'b' }, value: 2 }]];
    metrics.observeGauge(depth, () => answers.shift() ?? Promise.reject(new Error('database is gone')));
    expect(lines(await metrics.scrape(), 'queue_depth')).toEqual(['queue_depth{queue="a"} 1']);
    expect(lines(await metrics.scrape(), 'queue_depth')).toEqual(['queue_depth{queue="b"} 2']);
    expect(lines(await metrics.scrape(), 'queue_depth')).toEqual([]);
    expect(lines(await metrics.scrape(), 'telemetry_metric_read_failures_total')).toEqual([
      expect.stringMatching(/^telemetry_metric_read_failures_total\{metric="queue_depth"\} [12]$/),
    ]);
  });

  it('escapes label values', async () => {
    const metrics = new Metrics();
    metrics.counter(published).inc({ outcome: 'a"b\\c\nd' });
    expect(await metrics.scrape()).toContain('ideas_published_total{outcome="a\\"b\\\\c\\nd"} 1');
  });

  it("writes a histogram of prom-client's own with all of its bounds", async () => {
    const metrics = new Metrics();
    new Histogram({
      name: 'foreign_seconds',
      help: 'Foreign.',
      buckets: [0.5, 2],
      registers: [metrics.registry],
    }).observe(3);
    const bounds = lines(await metrics.scrape(), 'foreign_seconds_bucket');
    expect(bounds).toEqual([
      'foreign_seconds_bucket{le="0.5"} 0',
      'foreign_seconds_bucket{le="2.0"} 0',
      'foreign_seconds_bucket{le="+Inf"} 1',
    ]);
  });

  it('has the default metrics of the process', async () => {
    const text = await new Metrics().scrape();
    for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds', 'nodejs_gc_duration_seconds']) {
      expect(text).toContain(name);
    }
  });
});

describe('definitions', () => {
  it('refuse names and buckets that Prometheus would not take', () => {
    expect(() => counterDefinition({ name: 'ideas', help: '' })).toThrow('_total');
    expect(() => gaugeDefinition({ name: 'Queue-Depth', help: '' })).toThrow('lower case');
    expect(() => histogramDefinition({ name: 'x_seconds', help: '', buckets: [1, 1] })).toThrow('ascend');
  });
});
