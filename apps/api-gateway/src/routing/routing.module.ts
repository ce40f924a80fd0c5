import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ErrorReporter, Metrics } from '@signalpress/observability';
import { CallerRegistry } from '../access/caller.registry.js';
import { RoutingController } from './routing.controller.js';
import { RoutingService } from './routing.service.js';
import type { RoutingOptions } from './routing.service.js';

@Module({})
export class RoutingModule {
  static register(options: RoutingOptions, access: DynamicModule): DynamicModule {
    return {
      module: RoutingModule,
      imports: [access],
      controllers: [RoutingController],
      providers: [
        {
          provide: RoutingService,
          inject: [HttpAdapterHost, CallerRegistry, ErrorReporter, Metrics],
          useFactory: (host: HttpAdapterHost, callers: CallerRegistry, reporter: ErrorReporter, metrics: Metrics) =>
            new RoutingService(options, host, callers, reporter, metrics),
        },
      ],
    };
  }
}
