import { Module } from '@nestjs/common';
import type { DynamicModule, OnModuleInit } from '@nestjs/common';
import { Logger } from '@signalpress/observability';
import { AccessService } from './access.service.js';
import { CallerRegistry } from './caller.registry.js';

@Module({})
export class AccessModule implements OnModuleInit {
  constructor(
    private readonly access: AccessService,
    private readonly logger: Logger,
  ) {}

  static register(adminKeySha256: string | undefined): DynamicModule {
    return {
      module: AccessModule,
      providers: [{ provide: AccessService, useFactory: () => new AccessService(adminKeySha256) }, CallerRegistry],
      exports: [CallerRegistry],
    };
  }

  onModuleInit(): void {
    if (!this.access.configured) {
      this.logger.warn('ADMIN_KEY_SHA256 is not set: every request that needs the key is answered 401');
    }
  }
}
