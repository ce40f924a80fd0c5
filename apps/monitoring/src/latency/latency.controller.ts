import { Controller, Get, Query } from '@nestjs/common';
import type { z } from 'zod';
import { latencyQuery } from './latency.schema.js';
import type { LatencyReport } from './latency.schema.js';
import { LatencyService } from './latency.service.js';

@Controller('latency')
export class LatencyController {
  constructor(private readonly latency: LatencyService) {}

  @Get()
  report(@Query({ schema: latencyQuery }) query: z.output<typeof latencyQuery>): Promise<LatencyReport> {
    return this.latency.report(query.windowHours);
  }
}
