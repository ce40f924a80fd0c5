import { Module } from '@nestjs/common';
import { SlaModule } from '../sla/sla.module.js';
import { LatencyController } from './latency.controller.js';
import { LatencyGauges } from './latency.gauges.js';
import { LatencyRepository } from './latency.repository.js';
import { LatencyService } from './latency.service.js';

@Module({
  imports: [SlaModule],
  controllers: [LatencyController],
  providers: [LatencyGauges, LatencyRepository, LatencyService],
})
export class LatencyModule {}
