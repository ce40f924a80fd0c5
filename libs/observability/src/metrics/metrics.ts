import { Injectable } from '@nestjs/common';
import { TraceFlags, isSpanContextValid, trace } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { labelNames, metricNames } from '../semconv.js';
import { within } from '../timing/within.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { counterDefinition } from './definitions.js';
import type { CounterDefinition, GaugeDefinition, HistogramDefinition, Labels } from './definitions.js';
import { contentTypes, writeExposition } from './exposition.js';
import type { ExpositionFormat } from './exposition.js';
import { DEFAULT_MAX_SERIES, SeriesGuard } from './series-guard.js';

/** Labels are required exactly when the definition has some. */
type LabelArguments<L extends string, After extends unknown[]> = [L] extends [never]
  ? [labels?: Readonly<Record<string, never>>, ...after: After]
  : [labels: Labels<L>, ...after: After];

export interface CounterInstrument<L extends string = never> {
  /** Adds `value` (default 1). */
  inc(...args: LabelArguments<L, [value?: number]>): void;
}

export interface GaugeInstrument<L extends string = never> {
  set(value: number, ...args: LabelArguments<L, []>): void;
}

export interface HistogramInstrument<L extends string = never> {
  /** The exemplar is the active span, where it is valid and sampled; `exemplarOf` names another one. */
  observe(value: number, ...args: LabelArguments<L, [exemplarOf?: SpanContext]>): void;
}

/** One value of an observed gauge with its labels. */
export interface Observation<L extends string> {
  readonly labels: Labels<L>;
  readonly value: number;
}

/** What an observed gauge reads at scrape time. */
export type Observed<L extends string> = number | readonly Observation<L>[];

const overflowDefinition = counterDefinition({
  name: metricNames.metricOverflow,
  help: 'Observations folded into the overflow series of a metric because it had too many label combinations.',
  labels: [labelNames.metric],
});

const gaugeFailuresDefinition = counterDefinition({
  name: metricNames.gaugeFailures,
  help: 'Scrapes at which an observed gauge could not be read, or not in time.',
  labels: [labelNames.metric],
});

/** A scrape waits this long for the reader of a gauge. */
const OBSERVE_TIMEOUT_MS = 2_000;

type Definition = CounterDefinition<string> | GaugeDefinition<string> | HistogramDefinition<string>;

/** The instruments of one application. Each is created when it is first asked for, from a definition that is a constant. */
@Injectable()
@NotTraced()
export class Metrics {
  readonly contentType: string = contentTypes.openmetrics;
  private readonly registry = exemplarRegistry();
  private readonly instruments = new Map<string, { readonly definition: Definition; readonly instrument: unknown }>();
  private readonly overflow: CounterInstrument<string>;
  private readonly gaugeFailures: CounterInstrument<string>;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.overflow = this.counter<string>(overflowDefinition);
    this.gaugeFailures = this.counter<string>(gaugeFailuresDefinition);
  }

  /** @throws Error when another definition has the same name. */
  counter<L extends string>(definition: CounterDefinition<L>): CounterInstrument<L> {
    return this.once(definition, () => {
      const counter = new Counter({ ...this.config(definition) });
      const guard = this.guard(definition);
      return { inc: (labels: Labels<L> = noLabels(), value = 1) => counter.inc(guard.admit(labels), value) };
    }) as CounterInstrument<L>;
  }

  /** @throws Error when another definition has the same name. */
  gauge<L extends string>(definition: GaugeDefinition<L>): GaugeInstrument<L> {
    return this.once(definition, () => {
      const gauge = new Gauge({ ...this.config(definition) });
      const guard = this.guard(definition);
      return { set: (value: number, labels: Labels<L> = noLabels()) => gauge.set(guard.admit(labels), value) };
    }) as GaugeInstrument<L>;
  }

  /** @throws Error when another definition has the same name. */
  histogram<L extends string>(definition: HistogramDefinition<L>): HistogramInstrument<L> {
    return this.once(definition, () => {
      const histogram = new Histogram({
        ...this.config(definition),
        buckets: [...definition.buckets],
        enableExemplars: true,
      });
      const guard = this.guard(definition);
      return {
        observe: (value: number, labels: Labels<L> = noLabels(), exemplarOf?: SpanContext) => {
          const exemplarLabels = exemplar(exemplarOf ?? trace.getActiveSpan()?.spanContext());
          // With exemplars on, prom-client takes one object; its types only know the other form.
          const observation: object = {
            labels: guard.admit(labels),
            value,
            ...(exemplarLabels ? { exemplarLabels } : {}),
          };
          (histogram.observe as (observation: object) => void)(observation);
        },
      };
    }) as HistogramInstrument<L>;
  }

  /**
   * A gauge that is read at scrape time. A series that is no longer returned is no longer shown; when `collect` throws or takes
   * longer than two seconds, the scrape goes on without this metric and `telemetry_gauge_failures_total` counts.
   */
  observeGauge<L extends string = never>(
    definition: GaugeDefinition<L>,
    collect: () => Observed<L> | Promise<Observed<L>>,
  ): void {
    this.once(definition, () => {
      const read = () => this.read(definition, collect);
      return new Gauge({
        ...this.config(definition),
        async collect() {
          const observations = await read();
          this.reset();
          for (const { labels, value } of observations) this.set(labels, value);
        },
      });
    });
  }

  /** Everything that is registered, as text. */
  async scrape(format: ExpositionFormat = 'openmetrics'): Promise<string> {
    return writeExposition(this.registry, format);
  }

  private async read<L extends string>(
    definition: GaugeDefinition<L>,
    collect: () => Observed<L> | Promise<Observed<L>>,
  ): Promise<Observation<L>[]> {
    try {
      const observed = await within(OBSERVE_TIMEOUT_MS, Promise.resolve().then(collect));
      if (typeof observed === 'number') return [{ labels: noLabels(), value: observed }];
      const guard = this.guard(definition);
      return observed.map(({ labels, value }) => ({ labels: guard.admit(labels), value }));
    } catch {
      this.gaugeFailures.inc({ [labelNames.metric]: definition.name });
      return [];
    }
  }

  private config<L extends string>(definition: CounterDefinition<L> | GaugeDefinition<L> | HistogramDefinition<L>) {
    return {
      name: definition.name,
      help: definition.help,
      labelNames: [...definition.labels],
      registers: [this.registry],
    };
  }

  private guard<L extends string>(
    definition: CounterDefinition<L> | GaugeDefinition<L> | HistogramDefinition<L>,
  ): SeriesGuard<L> {
    return new SeriesGuard(definition.labels, definition.maxSeries ?? DEFAULT_MAX_SERIES, () =>
      this.overflow.inc({ [labelNames.metric]: definition.name }),
    );
  }

  private once(definition: Definition, create: () => unknown): unknown {
    const existing = this.instruments.get(definition.name);
    if (existing) {
      if (existing.definition === definition) return existing.instrument;
      throw new Error(`metric ${definition.name} is defined twice`);
    }
    const instrument = create();
    this.instruments.set(definition.name, { definition, instrument });
    return instrument;
  }
}

/** prom-client allows exemplars on a registry of the OpenMetrics kind only; its types allow default metrics on the other only. */
function exemplarRegistry(): Registry {
  const registry = new Registry();
  (registry.setContentType as (contentType: string) => void).call(registry, Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

function noLabels<L extends string>(): Labels<L> {
  // Only reached where L is never: the types ask for labels everywhere else.
  return Object.freeze({}) as Labels<L>;
}

/** Exemplars lead to a trace that exists: valid and sampled, or none. */
function exemplar(spanContext: SpanContext | undefined): { trace_id: string; span_id: string } | undefined {
  if (!spanContext || !isSpanContextValid(spanContext)) return undefined;
  if ((spanContext.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: spanContext.traceId, span_id: spanContext.spanId };
}
