import { databaseEnv, eventsEnv, flag, loadDatabaseEnv, loadEnv, serviceEnv } from '@signalpress/service-defaults';
import { z } from 'zod';

/** Every variable that signal-ingestion reads. */
export const schema = z
  .object({
    ...serviceEnv('signal-ingestion'),
    ...databaseEnv,
    ...eventsEnv,
    /** Fetch from private networks and any port: for development and tests. */
    ALLOW_PRIVATE_SOURCES: flag().default(false),
  })
  .refine((env) => !(env.ALLOW_PRIVATE_SOURCES && env.NODE_ENV === 'production'), {
    path: ['ALLOW_PRIVATE_SOURCES'],
    message: 'must not be set in production: it opens the private network to everybody who may name a source',
  });

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;

/** What the migrations read. @throws EnvironmentError */
export const readDatabaseEnv = () => loadDatabaseEnv(process.env);
