import { Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { HealthChecks, Lifecycle, Logger, Metrics } from '@signalpress/observability';
import { Database } from './database/database.js';
import { observePool } from './database/database.metrics.js';
import { migrateWhenThere } from './migrations/migrate-when-there.js';
import type { MigrationOptions } from './migrations/migrate-when-there.js';

/** The database and its migrations, which are applied before anything can inject the {@link Database}. */
export type PersistenceOptions = MigrationOptions;

/**
 * Opens the database, migrates it, then provides {@link Database} to the whole application. Needs ObservabilityModule: the
 * pool is measured, `database` is a critical health check, and the lifecycle's `close` phase closes the connections.
 */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  static forRoot(options: PersistenceOptions): DynamicModule {
    return {
      module: PersistenceModule,
      global: true,
      providers: [
        {
          provide: Database,
          inject: [Metrics, HealthChecks, Lifecycle, Logger],
          useFactory: (metrics: Metrics, health: HealthChecks, lifecycle: Lifecycle, logger: Logger) =>
            open(options, { metrics, health, lifecycle, logger: logger.child('Persistence') }),
        },
      ],
      exports: [Database],
    };
  }

  /** For an application that is closed without the lifecycle (specs); after it, this does nothing. */
  onApplicationShutdown(): Promise<void> {
    return this.database.close();
  }
}

interface Telemetry {
  readonly metrics: Metrics;
  readonly health: HealthChecks;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
}

async function open(options: PersistenceOptions, { metrics, health, lifecycle, logger }: Telemetry): Promise<Database> {
  const applied = await migrateWhenThere(options, () => logger.warn('the database is away: waiting for it'));
  if (applied.length > 0) logger.info('migrations applied', { migrations: applied });
  const database = new Database(options);
  observePool(metrics, () => database.poolState);
  health.register({ name: 'database', critical: true, check: () => database.ping() });
  lifecycle.on('close', 'database', () => database.close());
  return database;
}
