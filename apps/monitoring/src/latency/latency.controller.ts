import { Controller, Get, Query } from '@nestjs/common';
import { latencyQuery } from './latency.schema.js';
import type { LatencyQuery, LatencyReport } from './latency.schema.js';
import { LatencyService } from './latency.service.js';

@Controller('latency')
export class LatencyController {
  constructor(private readonly latency: LatencyService) {}

  @Get()
  report(@Query({ schema: latencyQuery }) query: LatencyQuery): Promise<LatencyReport> {
    return this.latency.report(query);
  }
}
