import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { Clock } from '@signalpress/service-defaults';
import { MonitoringSettings } from '../monitoring.settings.js';
import { ideasByOutcome, oldestUnpublished, publishLatencyMean, publishLatencyThreshold } from './latency.metrics.js';
import { LatencyRepository } from './latency.repository.js';

const DAY_MS = 86_400_000;

/** Gauges that are read from the database when they are scraped. */
@Injectable()
export class LatencyGauges {
  constructor(metrics: Metrics, latencies: LatencyRepository, settings: MonitoringSettings, clock: Clock) {
    metrics.observeGauge(publishLatencyMean, async () => {
      const { meanMs } = await latencies.overall(new Date(clock.now().getTime() - DAY_MS));
      return meanMs === null ? [] : meanMs / 1_000;
    });
    metrics.gauge(publishLatencyThreshold).set(settings.slaThresholdHours * 3_600);
    metrics.observeGauge(oldestUnpublished, async () => {
      const capturedAt = await latencies.oldestUnpublished();
      return capturedAt === null ? 0 : Math.max(0, (clock.now().getTime() - capturedAt.getTime()) / 1_000);
    });
    metrics.observeGauge(ideasByOutcome, async () => {
      const counts = await latencies.countByOutcome();
      return counts.map(({ outcome, count }) => ({ labels: { outcome }, value: count }));
    });
  }
}
