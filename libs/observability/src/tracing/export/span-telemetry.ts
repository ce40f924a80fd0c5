import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { counterDefinition, gaugeDefinition, histogramDefinition } from '../../metrics/definitions.js';
import { Metrics } from '../../metrics/metrics.js';
import { labelNames, metricNames } from '../../semconv.js';
import { NotTraced } from '../traced.decorator.js';
import { dropReasons, exportFailures, statisticsOf } from './span-statistics.js';
import type { SpanStatistics } from './span-statistics.js';

const started = counterDefinition({
  name: metricNames.spansStarted,
  help: 'Spans that the sampler was asked about.',
});

const sampled = counterDefinition({
  name: metricNames.spansSampled,
  help: 'Spans that are recorded and sent.',
});

const queued = gaugeDefinition({
  name: metricNames.spansQueued,
  help: 'Ended spans that wait for their export or are in one.',
});

const exported = counterDefinition({
  name: metricNames.spansExported,
  help: 'Spans that the collector accepted.',
});

const dropped = counterDefinition({
  name: metricNames.spansDropped,
  help: 'Spans that are not sent, and attributes, events and links over a limit, by reason.',
  labels: [labelNames.reason],
});

const duration = histogramDefinition({
  name: metricNames.exportDuration,
  help: 'How long the export of a batch took, retries included.',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

const failures = counterDefinition({
  name: metricNames.exportFailures,
  help: 'Batches that were not accepted, by reason.',
  labels: [labelNames.reason],
});

/** What tracing says about itself, as metrics. There are none where nothing is exported. */
@Injectable()
@NotTraced()
export class SpanTelemetry implements OnModuleInit, OnModuleDestroy {
  private stopListening: (() => void) | undefined;

  constructor(private readonly metrics: Metrics) {}

  onModuleInit(): void {
    const statistics = statisticsOf();
    if (!statistics) return;
    this.metrics.observeCounter(started, () => statistics.started);
    this.metrics.observeCounter(sampled, () => statistics.sampled);
    this.metrics.observeCounter(exported, () => statistics.exported);
    this.metrics.observeGauge(queued, () => statistics.queued());
    this.metrics.observeCounter(dropped, () => byReason(dropReasons, statistics.drops));
    this.metrics.observeCounter(failures, () => byReason(exportFailures, statistics.failures));
    this.stopListening = this.listen(statistics);
  }

  onModuleDestroy(): void {
    this.stopListening?.();
  }

  private listen(statistics: SpanStatistics): () => void {
    const seconds = this.metrics.histogram(duration);
    return statistics.onExport((outcome) => {
      seconds.observe(outcome.seconds);
    });
  }
}

/** Every reason from the start: a series that begins with its first loss hides that loss from `increase()`. */
function byReason<R extends string>(
  reasons: readonly R[],
  counts: ReadonlyMap<R, number>,
): { labels: { reason: string }; value: number }[] {
  return reasons.map((reason) => ({ labels: { reason }, value: counts.get(reason) ?? 0 }));
}
