import { Injectable } from '@nestjs/common';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { labelNames, metricNames } from '../semconv.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { counterDefinition } from './definitions.js';
import type { CounterDefinition, GaugeDefinition, HistogramDefinition, MetricDefinition } from './definitions.js';
import { contentTypes, writeExposition } from './exposition.js';
import type { ExpositionFormat, Family } from './exposition.js';
import { Counter, Gauge, Histogram } from './instruments.js';
import type { CounterInstrument, GaugeInstrument, HistogramInstrument } from './instruments.js';
import { ObservedSeries } from './observed.js';
import type { Observed } from './observed.js';
import { DEFAULT_MAX_SERIES, SeriesTable } from './series-table.js';

const overflowDefinition = counterDefinition({
  name: metricNames.metricOverflow,
  help: 'Observations folded into the overflow series of a metric because it had too many label combinations.',
  labels: [labelNames.metric],
  maxSeries: 1_000,
});

const readFailuresDefinition = counterDefinition({
  name: metricNames.metricReadFailures,
  help: 'Scrapes at which an observed metric could not be read, or not in time.',
  labels: [labelNames.metric],
  maxSeries: 1_000,
});

export type { CounterInstrument, GaugeInstrument, HistogramInstrument } from './instruments.js';

interface Entry {
  readonly definition: MetricDefinition;
  readonly instrument: unknown;
  readonly family: Family;
}

/** The instruments of one application. Each is created when it is first asked for, from a definition that is a constant. */
@Injectable()
@NotTraced()
export class Metrics {
  readonly contentType: string = contentTypes.openmetrics;
  /** Holds the metrics of the process; what other libraries register here is scraped too. */
  readonly registry = new Registry();
  private readonly entries = new Map<string, Entry>();
  private readonly overflow: CounterInstrument<string>;
  private readonly readFailures: CounterInstrument<string>;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.overflow = this.counter<string>(overflowDefinition);
    this.readFailures = this.counter<string>(readFailuresDefinition);
  }

  /** @throws Error when another metric has the same name. */
  counter<L extends string>(definition: CounterDefinition<L>): CounterInstrument<L> {
    return this.instrument(definition, 1, (table) => new Counter(table)) as CounterInstrument<L>;
  }

  /** @throws Error when another metric has the same name. */
  gauge<L extends string>(definition: GaugeDefinition<L>): GaugeInstrument<L> {
    return this.instrument(definition, 1, (table) => new Gauge(table)) as GaugeInstrument<L>;
  }

  /** @throws Error when another metric has the same name. */
  histogram<L extends string>(definition: HistogramDefinition<L>): HistogramInstrument<L> {
    const { buckets } = definition;
    // The buckets, the one above them all, and the sum.
    const width = buckets.length + 2;
    return this.instrument(definition, width, (table) => new Histogram(table, buckets)) as HistogramInstrument<L>;
  }

  /**
   * A gauge that is read at scrape time. A series that is no longer returned is no longer shown; when `collect` throws or takes
   * longer than two seconds, the scrape goes on without this metric and `telemetry_metric_read_failures_total` counts.
   *
   * @throws Error when another metric has the same name.
   */
  observeGauge<L extends string = never>(
    definition: GaugeDefinition<L>,
    collect: () => Observed<L> | Promise<Observed<L>>,
  ): void {
    this.observe(definition, collect);
  }

  /**
   * A counter whose owner counts by itself (a plain number on a hot path) and that is read at scrape time. What `collect` returns
   * must never fall; a failing `collect` is handled as for {@link observeGauge}.
   *
   * @throws Error when another metric has the same name.
   */
  observeCounter<L extends string = never>(
    definition: CounterDefinition<L>,
    collect: () => Observed<L> | Promise<Observed<L>>,
  ): void {
    this.observe(definition, collect);
  }

  /** Everything that is registered, as one text. */
  async scrape(format: ExpositionFormat = 'openmetrics'): Promise<string> {
    const chunks: string[] = [];
    for await (const chunk of this.scrapeChunks(format)) chunks.push(chunk);
    return chunks.join('');
  }

  /** The same in pieces, so that no answer is ever in memory as a whole; the event loop turns between two of them. */
  scrapeChunks(format: ExpositionFormat): AsyncGenerator<string, void, undefined> {
    const families = Array.from(this.entries.values(), ({ family }) => family);
    return writeExposition(families, this.registry, format);
  }

  private instrument(definition: MetricDefinition, width: number, create: (table: SeriesTable) => unknown): unknown {
    const existing = this.entries.get(definition.name);
    if (existing?.definition === definition) return existing.instrument;
    const table = this.table(definition, width);
    const instrument = create(table);
    this.add({ definition, instrument, family: { ...definition, read: () => table } });
    return instrument;
  }

  private observe(
    definition: CounterDefinition<string> | GaugeDefinition<string>,
    collect: () => Observed<string> | Promise<Observed<string>>,
  ): void {
    const observed = new ObservedSeries({
      collect,
      emptyTable: () => this.table(definition, 1),
      onFailure: () => this.readFailures.inc({ [labelNames.metric]: definition.name }),
    });
    this.add({ definition, instrument: observed, family: { ...definition, read: () => observed.read() } });
  }

  private table({ name, labels, maxSeries = DEFAULT_MAX_SERIES }: MetricDefinition, width: number): SeriesTable {
    return new SeriesTable(labels, width, maxSeries, () => this.overflow.inc({ [labelNames.metric]: name }));
  }

  private add(entry: Entry): void {
    const { name } = entry.definition;
    if (this.entries.has(name) || this.registry.getMetricsAsArray().some((metric) => metric.name === name))
      throw new Error(`metric ${name} is defined twice`);
    this.entries.set(name, entry);
  }
}
