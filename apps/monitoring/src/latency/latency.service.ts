import { Injectable } from '@nestjs/common';
import { Clock } from '@signalpress/service-defaults';
import { MonitoringSettings } from '../monitoring.settings.js';
import { LatencyRepository } from './latency.repository.js';
import type { LatencyReport } from './latency.schema.js';

const HOUR_MS = 3_600_000;
const SLOWEST = 10;

/** How long it takes from a signal to its listing. */
@Injectable()
export class LatencyService {
  constructor(
    private readonly latencies: LatencyRepository,
    private readonly settings: MonitoringSettings,
    private readonly clock: Clock,
  ) {}

  async report(windowHours: number): Promise<LatencyReport> {
    const until = this.clock.now();
    const from = new Date(until.getTime() - windowHours * HOUR_MS);
    const [overall, slowest, stages, sources] = await Promise.all([
      this.latencies.overall(from),
      this.latencies.slowest(from, SLOWEST),
      this.latencies.stages(from),
      this.latencies.bySource(from),
    ]);
    const { slaThresholdHours } = this.settings;
    return {
      windowHours,
      from: from.toISOString(),
      until: until.toISOString(),
      ...overall,
      meanHours: hours(overall.meanMs),
      p50Hours: hours(overall.p50Ms),
      p95Hours: hours(overall.p95Ms),
      maxHours: hours(overall.maxMs),
      thresholdHours: slaThresholdHours,
      withinThreshold: overall.meanMs === null ? null : overall.meanMs <= slaThresholdHours * HOUR_MS,
      slowest: slowest.map(({ publishedAt, ...idea }) => ({
        ...idea,
        latencyHours: idea.latencyMs / HOUR_MS,
        publishedAt: publishedAt.toISOString(),
      })),
      stages,
      sources,
    };
  }
}

const hours = (milliseconds: number | null): number | null => (milliseconds === null ? null : milliseconds / HOUR_MS);
