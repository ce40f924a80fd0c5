import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { GroupingConsumer } from './grouping.consumer.js';
import { GroupingOptions } from './grouping.options.js';
import { GroupingRepository } from './grouping.repository.js';
import { GroupingService } from './grouping.service.js';

@Module({})
export class GroupingModule {
  static register(options: GroupingOptions): DynamicModule {
    return {
      module: GroupingModule,
      providers: [
        { provide: GroupingOptions, useValue: options },
        GroupingRepository,
        GroupingService,
        GroupingConsumer,
      ],
    };
  }
}
