import { Module } from '@nestjs/common';
import type { DynamicModule, OnModuleInit } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Logger } from '@signalpress/observability';
import { AccessService } from './access.service.js';
import { CallerRegistry } from './caller.registry.js';
import { MetricsGuard } from './metrics.guard.js';

export interface AccessOptions {
  /** Hexadecimal; without it nobody has the key. */
  adminKeySha256: string | undefined;
  /** Whether the scrape of the metrics has a token of its own. */
  hasMetricsToken: boolean;
}

@Module({})
export class AccessModule implements OnModuleInit {
  constructor(
    private readonly access: AccessService,
    private readonly logger: Logger,
  ) {}

  static register({ adminKeySha256, hasMetricsToken }: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        { provide: AccessService, useFactory: () => new AccessService(adminKeySha256) },
        CallerRegistry,
        {
          provide: APP_GUARD,
          inject: [CallerRegistry],
          useFactory: (callers: CallerRegistry) => new MetricsGuard(hasMetricsToken, callers),
        },
      ],
      exports: [CallerRegistry],
    };
  }

  onModuleInit(): void {
    if (!this.access.configured) {
      this.logger.warn('ADMIN_KEY_SHA256 is not set: every request that needs the key is answered 401');
    }
  }
}
