import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CallerRegistry } from '../access/caller.registry.js';
import { ProtectionService } from './protection.service.js';
import type { ProtectionOptions } from './protection.service.js';

@Module({})
export class ProtectionModule {
  static register(options: ProtectionOptions, access: DynamicModule): DynamicModule {
    return {
      module: ProtectionModule,
      imports: [access],
      providers: [
        {
          provide: ProtectionService,
          inject: [HttpAdapterHost, CallerRegistry],
          useFactory: (host: HttpAdapterHost, callers: CallerRegistry) => new ProtectionService(options, host, callers),
        },
      ],
    };
  }
}
