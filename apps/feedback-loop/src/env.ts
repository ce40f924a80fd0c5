import {
  databaseEnv,
  eventsEnv,
  loadDatabaseEnv,
  loadEnv,
  serviceEnv,
  wholeNumber,
} from '@signalpress/service-defaults';
import { z } from 'zod';

/** Every variable that the feedback loop reads. */
export const schema = z.object({
  ...serviceEnv('feedback-loop'),
  ...databaseEnv,
  ...eventsEnv,
  /** Least time between two steps of the scoring weights. */
  WEIGHTS_LEARN_SECONDS: wholeNumber(1, 31_536_000).default(86_400),
  /** Listed ideas with at least one view that it takes to learn anything. */
  WEIGHTS_MINIMUM_SAMPLES: wholeNumber(5, 2_000).default(30),
});

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;

/** What the migrations read. @throws EnvironmentError */
export const readDatabaseEnv = () => loadDatabaseEnv(process.env);
