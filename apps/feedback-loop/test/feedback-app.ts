import type { EventData } from '@signalpress/contracts';
import { quickTuning, startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { WeightsTables } from '../src/weights/weights.tables.js';

export interface FeedbackApp extends ServiceUnderTest<WeightsTables> {
  get(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  /** What was told about the performance of an idea, in order. */
  feedback(ideaId: string): Promise<EventData<'feedback.received'>[]>;
}

/** The day of the catalogue's examples: to a later clock they are old, and what is old is removed as soon as the service runs. */
const CLOCK_AS_OF = '2026-05-04T12:00:00Z';

/**
 * The whole service on a database of its own, with short waits, on the day of the catalogue's examples.
 *
 * @param beside another instance of the service, whose database it shares
 */
export async function startFeedbackLoop(
  environment: Record<string, string> = {},
  beside?: FeedbackApp,
): Promise<FeedbackApp> {
  const service = await startWithDatabase<WeightsTables>((variables) => {
    const env = loadEnv(schema, { ...variables, CLOCK_AS_OF, ...environment });
    const app = () => Promise.resolve(AppModule.register(env, quickTuning));
    return createService({ service: 'feedback-loop', app }, env);
  }, beside?.databaseUrl);
  return {
    ...service,
    get: async (path) => {
      const response = await fetch(`${service.url}${path}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    feedback: async (ideaId) => (await service.events('feedback.received', ideaId)).map(({ data }) => data),
  };
}
