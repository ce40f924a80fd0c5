import { Controller, Get, Query } from '@nestjs/common';
import { Clock } from '@signalpress/service-defaults';
import type { z } from 'zod';
import { MonitoringSettings } from '../monitoring.settings.js';
import { SlaRepository } from './sla.repository.js';
import { slaQuery } from './sla.schema.js';
import type { SlaReport } from './sla.schema.js';

const STUCK_SHOWN = 20;

/** The agreement on publish latency, and how it is kept. */
@Controller('sla')
export class SlaController {
  constructor(
    private readonly sla: SlaRepository,
    private readonly settings: MonitoringSettings,
    private readonly clock: Clock,
  ) {}

  @Get()
  async report(@Query({ schema: slaQuery }) query: z.output<typeof slaQuery>): Promise<SlaReport> {
    const { slaWindowHours, slaMinimumSamples: minimumSamples } = this.settings;
    const windowHours = query.windowHours ?? slaWindowHours;
    const until = this.clock.now();
    const [figures, stuck] = await Promise.all([this.sla.figures(windowHours), this.sla.stuckIdeas(STUCK_SHOWN)]);
    const { windowSeconds, ...rest } = figures;
    return {
      verdict: verdictOf(figures.ideas < minimumSamples ? null : figures.meanSeconds, figures.thresholdSeconds),
      from: new Date(until.getTime() - windowSeconds * 1_000).toISOString(),
      until: until.toISOString(),
      windowHours,
      minimumSamples,
      ...rest,
      stuck: {
        count: stuck.count,
        ideas: stuck.ideas.map(({ since, ...idea }) => ({ ...idea, since: since.toISOString() })),
      },
    };
  }
}

function verdictOf(meanSeconds: number | null, thresholdSeconds: number): SlaReport['verdict'] {
  if (meanSeconds === null) return 'too-few';
  return meanSeconds <= thresholdSeconds ? 'inside' : 'outside';
}
