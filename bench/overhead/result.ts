import type { PairedSample } from './rounds.ts';
import { estimate, median } from './statistics.ts';
import type { Estimate } from './statistics.ts';
import type { Variant } from './variants.ts';

/** What the rounds of one variant come to. */
export interface Row {
  readonly name: string;
  readonly label: string;
  readonly rounds: number;
  /** CPU of the whole process, load and flush. */
  readonly microsecondsPerRequest: Estimate;
  /** To the bare service just before and just after. */
  readonly ratio: Estimate;
  /** µs over the bare service, median. */
  readonly addedPerRequest: number;
  /** Undefined for variants without spans. */
  readonly addedPerSpan: number | undefined;
  readonly spansPerRequest: number;
  readonly expectedSpansPerRequest: number;
  /** Of all rounds; undefined where a sampler decides. */
  readonly spansDropped: number | undefined;
  readonly spansExpected: number;
  readonly requestsPerSecond: number;
  readonly residentMegabytes: number;
  readonly bootSeconds: number;
  readonly busy: number;
}

export interface Goal {
  readonly name: string;
  readonly met: boolean;
  readonly text: string;
}

/** Medians and intervals of what was measured. */
export function rowOf(variant: Variant, samples: readonly PairedSample[]): Row {
  const cpu = samples.map((one) => one.microsecondsPerRequest);
  const ratios = samples.map((one) => one.microsecondsPerRequest / one.bareMicroseconds);
  const added = median(samples.map((one) => one.microsecondsPerRequest - one.bareMicroseconds));
  const requests = sum(samples.map((one) => one.requests));
  const received = sum(samples.map((one) => one.spansReceived));
  const { spans, sampled } = variant.claims;
  const expected = spans * (sampled ?? 1);
  const dropped = samples.map((one) => one.spansDropped);
  return {
    name: variant.name,
    label: variant.label,
    rounds: samples.length,
    microsecondsPerRequest: estimate(cpu),
    ratio: estimate(ratios),
    addedPerRequest: added,
    addedPerSpan: spans > 0 && sampled === undefined ? added / spans : undefined,
    spansPerRequest: received / requests,
    expectedSpansPerRequest: expected,
    spansDropped: dropped.includes(undefined) ? undefined : sum(dropped.map((one) => one ?? 0)),
    spansExpected: requests * expected,
    requestsPerSecond: median(samples.map((one) => one.requestsPerSecond)),
    residentMegabytes: median(samples.map((one) => one.residentMegabytes)),
    bootSeconds: median(samples.map((one) => one.bootSeconds)),
    busy: median(samples.map((one) => one.busy)),
  };
}

const EVERYTHING_GOAL = 4;
const OFF_GOAL = 1.05;

/** Judged by the medians; the intervals say how sure that is. A variant that was not run is not judged. */
export function goalsOf(rows: readonly Row[]): Goal[] {
  const atMost = (name: string, limit: number): Goal[] =>
    rows
      .filter((row) => row.name === name)
      .map((row) => ({
        name: `${name} at most ${limit} × bare`,
        met: row.ratio.median <= limit,
        text: `${row.label}: ${interval(row.ratio, 2)} × bare, goal ${limit}`,
      }));
  const lossless = (name: string): Goal[] =>
    rows
      .filter((row) => row.name === name)
      .map((row) => ({
        name: `${name} drops nothing at saturation with default settings`,
        met: row.spansDropped === 0,
        text: `${row.label}: ${row.spansDropped ?? '?'} of ${row.spansExpected} spans missing at the sink, goal 0`,
      }));
  return [...atMost('all', EVERYTHING_GOAL), ...atMost('off', OFF_GOAL), ...lossless('all'), ...lossless('tracing')];
}

/** `2.31 [2.20, 2.45]` */
export function interval(value: Estimate, digits: number): string {
  const [middle, low, high] = [value.median, value.low, value.high].map((one) => one.toFixed(digits));
  return `${middle ?? ''} [${low ?? ''}, ${high ?? ''}]`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
