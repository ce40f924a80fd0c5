import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { MonitoringSettings } from '../monitoring.settings.js';
import { SlaRepository } from '../sla/sla.repository.js';
import {
  ideasByOutcome,
  listingDrifts,
  oldestUnpublished,
  publishLatencyMean,
  slaThreshold,
} from './latency.metrics.js';
import { LatencyRepository } from './latency.repository.js';

/** Gauges that are read from the database when they are scraped. */
@Injectable()
export class LatencyGauges {
  constructor(metrics: Metrics, latencies: LatencyRepository, sla: SlaRepository, settings: MonitoringSettings) {
    metrics.gauge(slaThreshold).set(settings.slaThresholdHours * 3_600);
    metrics.observeGauge(
      publishLatencyMean,
      async () => (await sla.figures(settings.slaWindowHours)).meanSeconds ?? [],
    );
    metrics.observeGauge(
      oldestUnpublished,
      async () => (await sla.figures(settings.slaWindowHours)).oldestUnpublishedAgeSeconds ?? 0,
    );
    metrics.observeGauge(ideasByOutcome, async () => {
      const counts = await latencies.countByOutcome();
      return counts.map(({ outcome, count }) => ({ labels: { outcome }, value: count }));
    });
    metrics.observeGauge(listingDrifts, async () => {
      const counts = await latencies.countDrifts();
      return counts.map(({ kind, count }) => ({ labels: { kind }, value: count }));
    });
  }
}
