import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { Outbox, PoisonError, Worker } from '@signalpress/messaging';
import { Metrics } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import { FilesRepository } from '../files/files.repository.js';
import { mockupsFinished } from './mockups.metrics.js';
import type { MockupRow } from './mockups.repository.js';
import { MockupsRepository } from './mockups.repository.js';
import type { MockupFailure } from './mockups.service.js';
import { MockupsService } from './mockups.service.js';
import type { MockupTables } from './mockups.tables.js';

const payload = z.object({ commandId: z.string() });
type RenderPayload = z.output<typeof payload>;

const longestMessage = 1_000;

/** Renders one command at a time: painting is work for one processor, and takes some 100 MB while it lasts. */
@Worker({ name: 'render', concurrency: 1, payload })
export class RenderWorker implements JobHandler<RenderPayload> {
  constructor(
    private readonly mockups: MockupsRepository,
    private readonly files: FilesRepository,
    private readonly service: MockupsService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** @throws PoisonError when the command is unknown */
  async run(job: Job<RenderPayload>): Promise<Effect> {
    const row = await this.rowOf(job.payload.commandId);
    if (row.state !== 'pending') return async () => Promise.resolve();
    const brief = { ideaId: row.idea_id, phrase: row.phrase, topics: row.topics };
    const made = await this.service.make(brief, row.products);
    if ('failure' in made) return this.failed(row, made.failure);

    const finishedAt = this.clock.now();
    return async (tx: Transaction<MockupTables>) => {
      await this.files.record(tx, [made.design, ...made.previews.map(({ file }) => file)]);
      if (!(await this.mockups.markGenerated(tx, row.command_id, made, finishedAt))) return;
      await this.outbox.publish(tx, 'mockups.generated', {
        ideaId: row.idea_id,
        commandId: row.command_id,
        attempt: row.attempt,
        design: made.design,
        previews: [...made.previews],
        generatedAt: finishedAt.toISOString(),
      });
      this.metrics.counter(mockupsFinished).inc({ outcome: 'generated', template: made.template });
    };
  }

  /** Every attempt failed: the orchestrator hears it instead of waiting for its timeout. */
  async giveUp(job: Job<RenderPayload>, error: Error): Promise<Effect> {
    const row = await this.rowOf(job.payload.commandId);
    return this.failed(row, { code: 'render-failed', message: error.message.slice(0, longestMessage) || error.name });
  }

  private failed(row: MockupRow, failure: MockupFailure): Effect<MockupTables> {
    const failedAt = this.clock.now();
    return async (tx) => {
      if (!(await this.mockups.markFailed(tx, row.command_id, failure, failedAt))) return;
      await this.outbox.publish(tx, 'mockups.failed', {
        ideaId: row.idea_id,
        commandId: row.command_id,
        attempt: row.attempt,
        ...failure,
        failedAt: failedAt.toISOString(),
      });
      this.metrics.counter(mockupsFinished).inc({ outcome: 'failed', template: 'none' });
    };
  }

  private async rowOf(commandId: string): Promise<MockupRow> {
    const row = await this.mockups.find(commandId);
    if (row === undefined) throw new PoisonError(`no mockup command ${commandId}`, { code: 'command-unknown' });
    return row;
  }
}
