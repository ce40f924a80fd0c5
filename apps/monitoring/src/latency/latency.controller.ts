import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { LatencyService } from './latency.service.js';
import type { LatencyReport } from './latency.service.js';

/** Ideas are kept for 13 months. */
const LONGEST_WINDOW_HOURS = 24 * 396;

const latencyQuery = z.object({ windowHours: z.coerce.number().positive().max(LONGEST_WINDOW_HOURS).default(24) });

@Controller('latency')
export class LatencyController {
  constructor(private readonly latency: LatencyService) {}

  @Get()
  report(@Query({ schema: latencyQuery }) query: z.output<typeof latencyQuery>): Promise<LatencyReport> {
    return this.latency.report(query.windowHours);
  }
}
