import { databaseEnv, loadEnv, serviceEnv } from '@signalpress/service-defaults';
import { z } from 'zod';

/** Every variable that the feedback loop reads. */
export const schema = z.object({ ...serviceEnv('feedback-loop'), ...databaseEnv });

/** @throws EnvironmentError that lists every variable that is missing or malformed */
export const readEnv = () => loadEnv(schema, process.env);
export type Env = ReturnType<typeof readEnv>;
