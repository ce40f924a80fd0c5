import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { HealthChecks, Lifecycle, Logger, Metrics } from '@signalpress/observability';
import { isUnavailable } from './database/database.errors.js';
import { Database } from './database/database.js';
import { observePool } from './database/database.metrics.js';
import type { DatabaseOptions } from './database/database.pool.js';
import { migrate } from './migrations/migrations.js';
import type { Migrations } from './migrations/migrations.js';

export interface PersistenceOptions extends DatabaseOptions {
  /** Applied in this order before anything can inject the {@link Database}. */
  readonly migrations: Migrations[];
  /** How long a start waits for a database that is away (milliseconds); default 15000. */
  readonly startTimeoutMs?: number;
}

const DEFAULT_START_TIMEOUT_MS = 15_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2_000;

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
  const applied = await migrateWhenThere(options, logger);
  if (applied.length > 0) logger.info('migrations applied', { migrations: applied });
  const database = new Database(options);
  observePool(metrics, () => database.poolState);
  health.register({ name: 'database', critical: true, check: () => database.ping() });
  lifecycle.on('close', 'database', () => database.close());
  return database;
}

/** Containers start in any order, so a database that is away is waited for, with full jitter, up to a bound. */
async function migrateWhenThere(options: PersistenceOptions, logger: Logger): Promise<string[]> {
  const deadline = Date.now() + (options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS);
  for (let ceiling = FIRST_WAIT_MS; ; ceiling = Math.min(2 * ceiling, LONGEST_WAIT_MS)) {
    try {
      return await migrate(options, options.migrations);
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > deadline) throw error;
      if (ceiling === FIRST_WAIT_MS) logger.warn('the database is away: waiting for it');
      await sleep(Math.random() * ceiling);
    }
  }
}
