import { Injectable } from '@nestjs/common';
import { Clock } from '@signalpress/service-defaults';
import { cursorOf } from '../series/window.js';
import { MonitoringSettings } from '../monitoring.settings.js';
import { LatencyRepository } from './latency.repository.js';
import type { LatencyQuery, LatencyReport } from './latency.schema.js';

const HOUR_MS = 3_600_000;

/** How long it takes from a signal to its listing. */
@Injectable()
export class LatencyService {
  constructor(
    private readonly latencies: LatencyRepository,
    private readonly settings: MonitoringSettings,
    private readonly clock: Clock,
  ) {}

  async report({ windowHours, limit, cursor }: LatencyQuery): Promise<LatencyReport> {
    const until = this.clock.now();
    const from = new Date(until.getTime() - windowHours * HOUR_MS);
    const [overall, ideas, stages, sources] = await Promise.all([
      this.latencies.overall(from),
      this.latencies.slowest(from, limit + 1, cursor),
      this.latencies.stages(from),
      this.latencies.bySource(from),
    ]);
    const slowest = ideas.slice(0, limit);
    const last = ideas.length > limit ? slowest.at(-1) : undefined;
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
      nextCursor: last === undefined ? null : cursorOf(String(last.latencyMs), last.ideaId),
      stages,
      sources,
    };
  }
}

const hours = (milliseconds: number | null): number | null => (milliseconds === null ? null : milliseconds / HOUR_MS);
