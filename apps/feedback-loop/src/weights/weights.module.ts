import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { WeightsOptions } from './weights.options.js';
import { WeightsRepository } from './weights.repository.js';
import { WeightsService } from './weights.service.js';
import { learnWeightsWorker } from './weights.worker.js';

/** Learns the scoring weights from performance. */
@Module({})
export class WeightsModule {
  static register(options: WeightsOptions): DynamicModule {
    return {
      module: WeightsModule,
      providers: [
        { provide: WeightsOptions, useValue: options },
        WeightsRepository,
        WeightsService,
        learnWeightsWorker(options.learnEveryMs),
      ],
    };
  }
}
