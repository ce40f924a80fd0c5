import { TraceFlags, isSpanContextValid, trace } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import type { Labels } from './definitions.js';
import type { Exemplar, LabelValues, SeriesTable } from './series-table.js';

/** Labels are required exactly when the definition has some. */
type LabelArguments<L extends string, After extends unknown[]> = [L] extends [never]
  ? [labels?: Readonly<Record<string, never>>, ...after: After]
  : [labels: Labels<L>, ...after: After];

/** One series of a counter. */
export interface BoundCounter {
  /** Adds `value` (default 1). @throws RangeError when it is negative or not finite. */
  inc(value?: number): void;
}

/** One series of a gauge. */
export interface BoundGauge {
  set(value: number): void;
}

/** One series of a histogram. */
export interface BoundHistogram {
  /** As {@link HistogramInstrument.observe}. @throws RangeError when the value is not finite. */
  observe(value: number, exemplarOf?: SpanContext): void;
}

export interface CounterInstrument<L extends string = never> {
  /** Adds `value` (default 1). @throws RangeError when it is negative or not finite. */
  inc(...args: LabelArguments<L, [value?: number]>): void;
  /** The series of these labels, for callers that are hot: keep it, and no labels are looked up again. */
  labels(...args: LabelArguments<L, []>): BoundCounter;
}

export interface GaugeInstrument<L extends string = never> {
  set(value: number, ...args: LabelArguments<L, []>): void;
  /** The series of these labels, for callers that are hot. */
  labels(...args: LabelArguments<L, []>): BoundGauge;
}

export interface HistogramInstrument<L extends string = never> {
  /**
   * The exemplar is the active span, where it is valid and sampled; `exemplarOf` names another one.
   *
   * @throws RangeError when the value is not finite.
   */
  observe(value: number, ...args: LabelArguments<L, [exemplarOf?: SpanContext]>): void;
  /** The series of these labels, for callers that are hot: keep it, and no labels are looked up again. */
  labels(...args: LabelArguments<L, []>): BoundHistogram;
}

const noLabels: LabelValues = Object.freeze({});

export class Counter implements CounterInstrument<string> {
  private readonly bound: BoundCounter[] = [];

  constructor(private readonly table: SeriesTable) {}

  inc(labels: LabelValues = noLabels, value = 1): void {
    this.add(this.table.seriesOf(labels), value);
  }

  labels(labels: LabelValues = noLabels): BoundCounter {
    const series = this.table.seriesOf(labels);
    return (this.bound[series] ??= new CounterSeries(this, series));
  }

  add(series: number, value: number): void {
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`a counter cannot grow by ${value}`);
    const { table } = this;
    table.note(series);
    table.values[series] = (table.values[series] ?? 0) + value;
  }
}

class CounterSeries implements BoundCounter {
  constructor(
    private readonly counter: Counter,
    private readonly series: number,
  ) {}

  inc(value = 1): void {
    this.counter.add(this.series, value);
  }
}

export class Gauge implements GaugeInstrument<string> {
  private readonly bound: BoundGauge[] = [];

  constructor(private readonly table: SeriesTable) {}

  set(value: number, labels: LabelValues = noLabels): void {
    this.write(this.table.seriesOf(labels), value);
  }

  labels(labels: LabelValues = noLabels): BoundGauge {
    const series = this.table.seriesOf(labels);
    return (this.bound[series] ??= new GaugeSeries(this, series));
  }

  write(series: number, value: number): void {
    this.table.note(series);
    this.table.values[series] = value;
  }
}

class GaugeSeries implements BoundGauge {
  constructor(
    private readonly gauge: Gauge,
    private readonly series: number,
  ) {}

  set(value: number): void {
    this.gauge.write(this.series, value);
  }
}

/** The values of one series: how many fell into each bucket, the one above all bounds last, then their sum. */
export class Histogram implements HistogramInstrument<string> {
  private readonly bound: BoundHistogram[] = [];

  constructor(
    private readonly table: SeriesTable,
    private readonly bounds: readonly number[],
  ) {}

  observe(value: number, labels: LabelValues = noLabels, exemplarOf?: SpanContext): void {
    this.add(this.table.seriesOf(labels), value, exemplarOf);
  }

  labels(labels: LabelValues = noLabels): BoundHistogram {
    const series = this.table.seriesOf(labels);
    return (this.bound[series] ??= new HistogramSeries(this, series));
  }

  add(series: number, value: number, exemplarOf: SpanContext | undefined): void {
    if (!Number.isFinite(value)) throw new RangeError(`a histogram cannot take ${value}`);
    const { table, bounds } = this;
    table.note(series);
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
    const { values, width } = table;
    const first = series * width;
    const sum = first + width - 1;
    values[first + bucket] = (values[first + bucket] ?? 0) + 1;
    values[sum] = (values[sum] ?? 0) + value;
    const spanContext = exemplarOf ?? trace.getActiveSpan()?.spanContext();
    // The flag first: it is one bit, where validity is two scans.
    if (spanContext && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 && isSpanContextValid(spanContext))
      this.keep(series, bucket, value, spanContext);
  }

  /** An exemplar leads to a trace that exists: its span is valid and sampled. */
  private keep(series: number, bucket: number, value: number, { traceId, spanId }: SpanContext): void {
    const { exemplars } = this.table;
    const ofSeries = (exemplars[series] ??= new Array<Exemplar | undefined>(this.bounds.length + 1).fill(undefined));
    ofSeries[bucket] = { traceId, spanId, value, at: Date.now() };
  }
}

class HistogramSeries implements BoundHistogram {
  constructor(
    private readonly histogram: Histogram,
    private readonly series: number,
  ) {}

  observe(value: number, exemplarOf?: SpanContext): void {
    this.histogram.add(this.series, value, exemplarOf);
  }
}
