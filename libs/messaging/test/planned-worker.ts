import type { Transaction } from '@signalpress/persistence';
import { z } from 'zod';
import { Worker } from '../src/index.js';
import type { Effect, Job, JobHandler } from '../src/index.js';
import type { TestTables } from './test-service.js';

export const payload = z.object({ views: z.number().int(), note: z.string().default('none') });
export type Payload = z.output<typeof payload>;

/** What the worker does; one per service instance. */
export class Plan {
  readonly seen: { attempt: number; payload: Payload; at: number }[] = [];
  run: (job: Job<Payload>) => Promise<void> = () => Promise.resolve();
  inEffect: (tx: Transaction<TestTables>, job: Job<Payload>) => Promise<void> = () => Promise.resolve();
}

export const write =
  (job: Job<Payload>, member: string) =>
  async (tx: Transaction<TestTables>): Promise<void> => {
    await tx
      .insertInto('effects')
      .values({ event_id: null, idea_id: job.id, views: job.payload.views, member })
      .execute();
  };

export const planned = (plan: Plan, member: string) => {
  @Worker({ name: 'render', concurrency: 2, leaseMs: 600, maxAttempts: 3, payload })
  class RenderWorker implements JobHandler<Payload> {
    async run(job: Job<Payload>): Promise<Effect<TestTables>> {
      plan.seen.push({ attempt: job.attempt, payload: job.payload, at: performance.now() });
      await plan.run(job);
      return async (tx) => {
        await write(job, member)(tx);
        await plan.inEffect(tx, job);
      };
    }
  }
  return RenderWorker;
};
