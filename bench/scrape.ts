import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Metrics, buckets, counterDefinition, histogramDefinition } from '@signalpress/observability';
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * `npm run bench:scrape [-- --rounds 21] [--json]`: how long a scrape stops the event loop, beside prom-client's own text of the
 * same series in the same process; and what one observation costs in either. Rounds are interleaved, and only ratios mean
 * something on another machine. The median is what counts; on a busy machine it also measures how long others had the core, which
 * the least of all rounds does not.
 */
const goal = 0.2;

interface Shape {
  readonly name: string;
  readonly counters: number;
  readonly histograms: number;
  /** Label combinations of each metric. */
  readonly combinations: number;
}

/** A counter is one series per combination, a histogram of these sixteen. */
const shapes: readonly Shape[] = [
  { name: 'one counter of 10,000 series', counters: 1, histograms: 0, combinations: 10_000 },
  { name: 'one histogram of 10,000 series', counters: 0, histograms: 1, combinations: 625 },
  { name: '50 counters and 50 histograms of 10,000 series', counters: 50, histograms: 50, combinations: 12 },
  { name: 'one histogram of 160,000 series', counters: 0, histograms: 1, combinations: 10_000 },
];

const formats = ['prometheus', 'openmetrics'] as const;
const labelNames = ['method', 'route', 'status'] as const;
const help = 'A metric of the benchmark.';
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const exemplarLabels = { trace_id: span.traceId, span_id: span.spanId };

type Scrape = () => Promise<string>;

function labelsOf(combination: number): Record<(typeof labelNames)[number], string> {
  return {
    method: combination % 2 === 0 ? 'GET' : 'POST',
    route: `/ideas/:id/part-${combination}`,
    status: combination % 5 === 0 ? '404' : '200',
  };
}

/** Calls back with each metric's number and each combination. */
function each(metrics: number, combinations: number, work: (metric: number, combination: number) => void): void {
  for (let metric = 0; metric < metrics; metric++)
    for (let combination = 0; combination < combinations; combination++) work(metric, combination);
}

function ours(shape: Shape): (format: (typeof formats)[number]) => Promise<string> {
  const metrics = new Metrics();
  const common = { help, labels: labelNames, maxSeries: shape.combinations };
  const counters = Array.from({ length: shape.counters }, (_, index) =>
    metrics.counter(counterDefinition({ name: `counted_${index}_total`, ...common })),
  );
  const histograms = Array.from({ length: shape.histograms }, (_, index) =>
    metrics.histogram(
      histogramDefinition({ name: `measured_${index}_seconds`, ...common, buckets: buckets.httpRequest }),
    ),
  );
  each(counters.length, shape.combinations, (metric, combination) => counters[metric]?.inc(labelsOf(combination)));
  each(histograms.length, shape.combinations, (metric, combination) =>
    histograms[metric]?.observe(combination / 1_000, labelsOf(combination), span),
  );
  return (format) => metrics.scrape(format);
}

/** A registry for each format: prom-client's OpenMetrics renames counters in place. */
function promClient(shape: Shape, format: (typeof formats)[number]): Scrape {
  const registry = new Registry();
  // Ours has them too.
  collectDefaultMetrics({ register: registry });
  const open = format === 'openmetrics';
  // Its types know one content type only, and not the form of `observe` that exemplars need.
  if (open) (registry.setContentType as (type: string) => void).call(registry, Registry.OPENMETRICS_CONTENT_TYPE);
  const common = { help, labelNames: [...labelNames], registers: [registry] };
  const counters = Array.from(
    { length: shape.counters },
    (_, index) => new Counter({ name: `counted_${index}_total`, ...common }),
  );
  const histograms = Array.from(
    { length: shape.histograms },
    (_, index) =>
      new Histogram({
        name: `measured_${index}_seconds`,
        ...common,
        buckets: [...buckets.httpRequest],
        enableExemplars: open,
      }),
  );
  each(counters.length, shape.combinations, (metric, combination) => counters[metric]?.inc(labelsOf(combination)));
  each(histograms.length, shape.combinations, (metric, combination) => {
    const labels = labelsOf(combination);
    const value = combination / 1_000;
    const histogram = histograms[metric];
    if (open) (histogram?.observe as (observation: object) => void)({ labels, value, exemplarLabels });
    else histogram?.observe(labels, value);
  });
  return () => registry.metrics();
}

/** The longest time in milliseconds in which nothing else had its turn while a scrape ran. */
async function longestBlock(scrape: Scrape): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let running = true;
  const tick = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await nextTurn();
  const text = await scrape();
  // What was done since the last tick belongs to the scrape too, with the reading of the text as an answer does it.
  if (Buffer.byteLength(text) === 0) throw new Error('the scrape is empty');
  await nextTurn();
  running = false;
  return longest;
}

/** Milliseconds, or a ratio of them. */
interface Block {
  readonly median: number;
  readonly least: number;
}

interface Result {
  readonly shape: string;
  readonly format: string;
  readonly ours: Block;
  readonly promClient: Block;
  readonly ratio: Block;
}

async function measure(shape: Shape, rounds: number): Promise<Result[]> {
  const scrapeOurs = ours(shape);
  const results: Result[] = [];
  for (const format of formats) {
    const scrapeTheirs = promClient(shape, format);
    const samples: { ours: number; theirs: number }[] = [];
    for (let round = 0; round < rounds + 2; round++) {
      const sample = {
        ours: await longestBlock(() => scrapeOurs(format)),
        theirs: await longestBlock(scrapeTheirs),
      };
      // Two rounds warm up.
      if (round >= 2) samples.push(sample);
    }
    const our = blockOf(samples.map((sample) => sample.ours));
    const their = blockOf(samples.map((sample) => sample.theirs));
    const ratio = { median: our.median / their.median, least: our.least / their.least };
    results.push({ shape: shape.name, format, ours: our, promClient: their, ratio });
  }
  return results;
}

function blockOf(blocks: readonly number[]): Block {
  return { median: median(blocks), least: Math.min(...blocks) };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Nanoseconds of one observation with three labels: ours, ours bound, prom-client's. */
function measureObservations(rounds: number): Record<'ours' | 'oursBound' | 'promClient', number> {
  const common = { name: 'hot_seconds', help, buckets: [...buckets.httpRequest] };
  const ourHistogram = new Metrics().histogram(histogramDefinition({ ...common, labels: labelNames }));
  const theirs = new Histogram({ ...common, labelNames: [...labelNames], registers: [] });
  const labels = Array.from({ length: 20 }, (_, combination) => labelsOf(combination));
  const bound = labels.map((one) => ourHistogram.labels(one));
  const variants = {
    ours: (index: number, value: number) => ourHistogram.observe(value, labels[index] ?? labelsOf(0)),
    oursBound: (index: number, value: number) => bound[index]?.observe(value),
    promClient: (index: number, value: number) => theirs.observe(labels[index] ?? labelsOf(0), value),
  };
  const samples = { ours: [] as number[], oursBound: [] as number[], promClient: [] as number[] };
  const count = 20_000;
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(variants) as [keyof typeof variants, typeof variants.ours][]) {
      const began = performance.now();
      for (let index = 0; index < count; index++) work(index % 20, (index % 100) / 50);
      samples[name].push(((performance.now() - began) * 1e6) / count);
    }
  }
  return {
    ours: median(samples.ours),
    oursBound: median(samples.oursBound),
    promClient: median(samples.promClient),
  };
}

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '21' }, json: { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);
const results: Result[] = [];
for (const shape of shapes) results.push(...(await measure(shape, rounds)));
const observationNs = measureObservations(rounds);
const worst: Block = {
  median: Math.max(...results.map(({ ratio }) => ratio.median)),
  least: Math.max(...results.map(({ ratio }) => ratio.least)),
};

if (options.json) {
  console.log(JSON.stringify({ bench: 'scrape', goal, worst, met: worst.median <= goal, results, observationNs }));
} else {
  console.log('longest time that a scrape stops the event loop (median), ours / prom-client');
  for (const { shape, format, ours: our, promClient: their, ratio } of results) {
    const medians = `${our.median.toFixed(2).padStart(6)} / ${their.median.toFixed(2).padStart(7)} ms = ${ratio.median.toFixed(3)}`;
    console.log(`${shape.padEnd(48)} ${format.padEnd(11)} ${medians} (least ${ratio.least.toFixed(3)})`);
  }
  console.log(`worst ratio ${worst.median.toFixed(3)} (least ${worst.least.toFixed(3)}); the goal is ${goal}`);
  console.log(
    `one observation with three labels: ${observationNs.ours.toFixed(0)} ns, bound ${observationNs.oursBound.toFixed(0)} ns, prom-client ${observationNs.promClient.toFixed(0)} ns`,
  );
}
