import { messagingMigrations } from '@signalpress/messaging';
import { migrateWhenThere } from '@signalpress/persistence';
import type { PersistenceOptions } from '@signalpress/persistence';
import type { DatabaseEnv } from '@signalpress/service-defaults';
import { readDatabaseEnv } from './env.js';

/** Where this service keeps its state, and the migrations that make the place. */
export function databaseOptions(env: DatabaseEnv): PersistenceOptions {
  return {
    databaseUrl: env.DATABASE_URL,
    poolMax: env.DATABASE_POOL_MAX,
    schema: 'mockups',
    applicationName: 'mockup-generation',
    migrations: [...messagingMigrations(), { name: 'mockups', directory: new URL('../migrations/', import.meta.url) }],
  };
}

/** Brings the database up to date; the service itself does the same at its start. */
export const migrateDatabase = (): Promise<string[]> => migrateWhenThere(databaseOptions(readDatabaseEnv()));
