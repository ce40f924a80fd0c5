import type { EventData } from '@signalpress/contracts';
import { quickTuning, startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { FeedbackTables } from '../src/performance/performance.tables.js';

export interface FeedbackApp extends ServiceUnderTest<FeedbackTables> {
  get(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  /** What was told about the performance of an idea, in order. */
  feedback(ideaId: string): Promise<EventData<'feedback.received'>[]>;
}

/** The whole service on a database of its own, with short waits. */
export async function startFeedbackLoop(): Promise<FeedbackApp> {
  const service = await startWithDatabase<FeedbackTables>((variables) => {
    const env = loadEnv(schema, variables);
    const app = () => Promise.resolve(AppModule.register(env, quickTuning));
    return createService({ service: 'feedback-loop', app }, env);
  });
  return {
    ...service,
    get: async (path) => {
      const response = await fetch(`${service.url}${path}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    feedback: async (ideaId) => (await service.events('feedback.received', ideaId)).map(({ data }) => data),
  };
}
