import {
  databaseEnv,
  eventsEnv,
  loadDatabaseEnv,
  loadEnv,
  serviceEnv,
  wholeNumber,
} from '@signalpress/service-defaults';
import { z } from 'zod';

/** Every variable that the scoring engine reads. */
export const schema = z.object({
  ...serviceEnv('scoring-engine'),
  ...databaseEnv,
  ...eventsEnv,
  /** Milliseconds without a further signal after which an idea is scored; ten times this at most. */
  GATHER_QUIET_MS: wholeNumber(1, 60_000).default(1_000),
});

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;

/** What the migrations read. @throws EnvironmentError */
export const readDatabaseEnv = () => loadDatabaseEnv(process.env);
