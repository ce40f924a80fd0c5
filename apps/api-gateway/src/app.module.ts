import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ServiceDefaultsModule } from '@signalpress/service-defaults';
import type { LogOptions } from '@signalpress/service-defaults';
import { AccessModule } from './access/access.module.js';
import { AuditModule } from './audit/audit.module.js';
import type { Env } from './env.js';
import { ProtectionModule } from './protection/protection.module.js';
import { RoutingModule } from './routing/routing.module.js';
import { upstreamUrls } from './routing/routing.table.js';

@Module({})
export class AppModule {
  static register(env: Env, options: LogOptions = {}): DynamicModule {
    const access = AccessModule.register({
      adminKeySha256: env.ADMIN_KEY_SHA256,
      hasMetricsToken: env.METRICS_TOKEN !== undefined,
    });
    return {
      module: AppModule,
      imports: [
        ServiceDefaultsModule.forRoot('api-gateway', env, options),
        access,
        AuditModule.register(access),
        ProtectionModule.register(
          { perKeyAndMinute: env.RATE_LIMIT_KEY_PER_MINUTE, perAddressAndMinute: env.RATE_LIMIT_ADDRESS_PER_MINUTE },
          access,
        ),
        RoutingModule.register({ urls: upstreamUrls(env), timeoutMs: env.UPSTREAM_TIMEOUT_SECONDS * 1000 }, access),
      ],
    };
  }
}
