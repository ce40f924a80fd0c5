import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { Typefaces } from '../design/typefaces.js';
import { MockupsConsumer } from './mockups.consumer.js';
import { MockupsController } from './mockups.controller.js';
import { MockupsRepository } from './mockups.repository.js';
import { MockupsService } from './mockups.service.js';
import { RenderWorker } from './render.worker.js';

@Module({})
export class MockupsModule {
  /** @param files the module that provides the file store */
  static register(files: DynamicModule): DynamicModule {
    return {
      module: MockupsModule,
      imports: [files],
      controllers: [MockupsController],
      providers: [Typefaces, MockupsRepository, MockupsService, MockupsConsumer, RenderWorker],
    };
  }
}
