import { Module } from '@nestjs/common';
import { PerformanceConsumer } from './performance.consumer.js';
import { PerformanceController } from './performance.controller.js';
import { PerformanceGauges } from './performance.gauges.js';
import { PerformanceQueries } from './performance.queries.js';
import { PerformanceRepository } from './performance.repository.js';
import { RetentionWorker } from './performance.retention.js';
import { PerformanceService } from './performance.service.js';

/** Performance of ideas: from observed counts to feedback. */
@Module({
  controllers: [PerformanceController],
  providers: [
    PerformanceConsumer,
    PerformanceGauges,
    PerformanceQueries,
    PerformanceRepository,
    PerformanceService,
    RetentionWorker,
  ],
})
export class PerformanceModule {}
