import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { MessagingModule } from '@signalpress/messaging';
import { PersistenceModule } from '@signalpress/persistence';
import { clockFrom, deliveryOptions, eventTransport, ServiceDefaultsModule } from '@signalpress/service-defaults';
import { databaseOptions } from './database.js';
import type { Env } from './env.js';
import { FilesModule } from './files/files.module.js';
import { MockupsModule } from './mockups/mockups.module.js';

/** The service as one module: what it is made of, and with which settings. */
@Module({})
export class AppModule {
  static register(env: Env): DynamicModule {
    const clock = clockFrom(env);
    const files = FilesModule.register(env.FILES_DIRECTORY);
    return {
      module: AppModule,
      imports: [
        ServiceDefaultsModule.forRoot('mockup-generation', env),
        PersistenceModule.forRoot(databaseOptions(env)),
        MessagingModule.forRoot({
          service: 'mockup-generation',
          now: () => clock.now(),
          transport: eventTransport(env),
          ...deliveryOptions(env),
        }),
        files,
        MockupsModule.register(files),
      ],
    };
  }
}
