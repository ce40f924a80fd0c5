import { Worker } from '@signalpress/messaging';
import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { z } from 'zod';
import { WorkflowService } from './workflow.service.js';
import { DEADLINE_JOB } from './workflow.steps.js';
import { RECONSIDER_JOB } from './workflow.decisions.js';
import type { OrchestratorTables } from './workflow.tables.js';

const deadline = z.object({
  ideaId: z.uuid(),
  commandId: z.string(),
  step: z.enum(['mockups', 'listing', 'withdrawal']),
  attempt: z.int().positive(),
});
const reconsider = z.object({ ideaId: z.uuid() });

/** A command was not answered in time. */
@Worker({ name: DEADLINE_JOB, concurrency: 2, payload: deadline })
export class DeadlineWorker implements JobHandler<z.output<typeof deadline>> {
  constructor(private readonly workflow: WorkflowService) {}

  run(job: Job<z.output<typeof deadline>>): Promise<Effect<OrchestratorTables>> {
    const { ideaId, ...command } = job.payload;
    return Promise.resolve(async (tx) => {
      await this.workflow.handle(tx, { ideaId, input: { type: 'deadline', ...command } });
    });
  }
}

/** A deferred idea's day has come. */
@Worker({ name: RECONSIDER_JOB, concurrency: 2, payload: reconsider })
export class ReconsiderWorker implements JobHandler<z.output<typeof reconsider>> {
  constructor(private readonly workflow: WorkflowService) {}

  run(job: Job<z.output<typeof reconsider>>): Promise<Effect<OrchestratorTables>> {
    return Promise.resolve(async (tx) => {
      await this.workflow.handle(tx, { ideaId: job.payload.ideaId, input: { type: 'reconsider' } });
    });
  }
}
