import { Module } from '@nestjs/common';
import { LatencyController } from './latency.controller.js';
import { LatencyGauges } from './latency.gauges.js';
import { LatencyRepository } from './latency.repository.js';
import { LatencyService } from './latency.service.js';

@Module({ controllers: [LatencyController], providers: [LatencyGauges, LatencyRepository, LatencyService] })
export class LatencyModule {}
