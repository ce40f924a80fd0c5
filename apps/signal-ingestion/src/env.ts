import { databaseEnv, flag, loadEnv, serviceEnv } from '@signalpress/service-defaults';
import { z } from 'zod';

/** Every variable that signal-ingestion reads, checked; lists all problems at once. */
export const readEnv = () =>
  loadEnv(
    z
      .object({
        ...serviceEnv('signal-ingestion'),
        ...databaseEnv,
        /** Fetch from private networks and any port: for development and tests. */
        ALLOW_PRIVATE_SOURCES: flag().default(false),
      })
      .refine((env) => !(env.ALLOW_PRIVATE_SOURCES && env.NODE_ENV === 'production'), {
        path: ['ALLOW_PRIVATE_SOURCES'],
        message: 'must not be set in production: it opens the private network to everybody who may name a source',
      }),
    process.env,
  );

export type Env = ReturnType<typeof readEnv>;
