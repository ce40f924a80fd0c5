import { databaseEnv, loadEnv, serviceEnv } from '@signalpress/service-defaults';
import { z } from 'zod';

/** Every variable that the feedback loop reads. */
export const schema = z.object({ ...serviceEnv('feedback-loop'), ...databaseEnv });

/** Lists all problems at once and throws. */
export const readEnv = () => loadEnv(schema, process.env);

export type Env = ReturnType<typeof readEnv>;
