import {
  databaseEnv,
  decimal,
  eventsEnv,
  loadDatabaseEnv,
  loadEnv,
  serviceEnv,
  wholeNumber,
} from '@signalpress/service-defaults';
import { z } from 'zod';

/** Every variable that the orchestrator reads. */
export const schema = z.object({
  ...serviceEnv('orchestrator'),
  ...databaseEnv,
  ...eventsEnv,
  /** Least score that is approved, 0..1. */
  APPROVAL_THRESHOLD: decimal(0, 1).default(0.55),
  /** Most ideas that are approved per shop day. */
  DAILY_LISTING_BUDGET: wholeNumber(0, 1_000_000).default(50),
  /** How long an answer to a mockups command is awaited. */
  RENDER_TIMEOUT_SECONDS: decimal(1, 86_400).default(600),
  /** How long an answer to a listing or withdrawal command is awaited. */
  LISTING_TIMEOUT_SECONDS: decimal(1, 86_400).default(900),
});

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;

/** What the migrations read. @throws EnvironmentError */
export const readDatabaseEnv = () => loadDatabaseEnv(process.env);
