import { Controller, Get, Query } from '@nestjs/common';
import { Clock } from '@signalpress/service-defaults';
import type { z } from 'zod';
import { cursorOf } from '../series/window.js';
import { MonitoringSettings } from '../monitoring.settings.js';
import { SlaRepository } from './sla.repository.js';
import { slaQuery } from './sla.schema.js';
import type { SlaReport } from './sla.schema.js';

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
    const [since, id] = query.cursor ?? [];
    const after = since === undefined || id === undefined ? undefined : { since: new Date(since), id };
    const [figures, stuck] = await Promise.all([
      this.sla.figures(windowHours),
      this.sla.stuckIdeas(query.limit + 1, after),
    ]);
    const ideas = stuck.ideas
      .slice(0, query.limit)
      .map(({ since: began, ...idea }) => ({ ...idea, since: began.toISOString() }));
    const last = stuck.ideas.length > query.limit ? ideas.at(-1) : undefined;
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
        ideas,
        nextCursor: last === undefined ? null : cursorOf(last.since, last.ideaId),
      },
    };
  }
}

function verdictOf(meanSeconds: number | null, thresholdSeconds: number): SlaReport['verdict'] {
  if (meanSeconds === null) return 'too-few';
  return meanSeconds <= thresholdSeconds ? 'inside' : 'outside';
}
