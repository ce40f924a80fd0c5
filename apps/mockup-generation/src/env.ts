import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { databaseEnv, eventsEnv, loadDatabaseEnv, loadEnv, serviceEnv } from '@signalpress/service-defaults';
import { z } from 'zod';

const appDirectory = fileURLToPath(new URL('../', import.meta.url));

/** Every variable that mockup-generation reads. */
export const schema = z.object({
  ...serviceEnv('mockup-generation'),
  ...databaseEnv,
  ...eventsEnv,
  /** Where designs and previews lie, by content hash; a relative path starts at the service's own folder. */
  FILES_DIRECTORY: z
    .string()
    .default('../../.data/files')
    .transform((path) => resolve(appDirectory, path)),
});

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;

/** What the migrations read. @throws EnvironmentError */
export const readDatabaseEnv = () => loadDatabaseEnv(process.env);
