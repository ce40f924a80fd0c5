import { Inject } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import { z } from 'zod';
import { Inbox } from '../consumer/inbox.js';
import { DeadLetters } from '../dead-letters/dead-letters.repository.js';
import { JobsRepository } from '../jobs/jobs.repository.js';
import { Worker } from '../jobs/worker.js';
import type { Effect, JobHandler } from '../jobs/worker.js';
import { Signals } from '../messaging.signals.js';
import { TRANSPORT } from '../transport/transport.js';
import type { Transport } from '../transport/transport.js';

/** Days. An event may be delivered again as long as the log has it, so the inbox remembers for longer. */
export const retentionDays = { log: 7, inbox: 14, finishedJobs: 7, deadLetters: 30 } as const;

const HOUR_MS = 3_600_000;
const nothing = z.object({});

/** Removes what nobody needs any more. */
@Worker({ name: 'messaging.retention', concurrency: 1, leaseMs: 60_000, payload: nothing, everyMs: HOUR_MS })
@NotTraced()
export class RetentionWorker implements JobHandler<z.output<typeof nothing>> {
  constructor(
    private readonly inbox: Inbox,
    private readonly jobs: JobsRepository,
    private readonly deadLetters: DeadLetters,
    @Inject(TRANSPORT) private readonly transport: Transport,
    private readonly signals: Signals,
  ) {}

  async run(): Promise<Effect> {
    await this.prune();
    return () => Promise.resolve();
  }

  async prune(): Promise<void> {
    const pruned = {
      inbox: await this.inbox.prune(retentionDays.inbox),
      jobs: await this.jobs.prune(retentionDays.finishedJobs),
      dead_letters: await this.deadLetters.prune(retentionDays.deadLetters),
      log: await this.transport.prune(retentionDays.log),
    };
    if (Object.values(pruned).some((count) => count > 0)) this.signals.logger.info('pruned', pruned);
  }
}
