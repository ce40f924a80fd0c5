import { Injectable } from '@nestjs/common';
import { currentTraceContext, NotTraced } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import type { JobRequest } from './job-request.js';
import { JobsRepository } from './jobs.repository.js';
import { Workers } from './workers.js';

/** Slow or external work of this service, written in the transaction that makes it necessary. */
@Injectable()
@NotTraced()
export class Jobs {
  constructor(
    private readonly repository: JobsRepository,
    private readonly workers: Workers,
  ) {}

  /**
   * Writes the job; a worker takes it after the transaction has committed.
   * @throws InvalidJobError if no worker here has that name, or the payload is not what the worker takes
   */
  async enqueue<S>(tx: Transaction<S>, job: JobRequest): Promise<void> {
    const { name, key, payload, delayMs = 0, ifExists = 'keep', links = [] } = job;
    this.workers.check(name, payload);
    const trace = job.trace ?? currentTraceContext();
    await this.repository.enqueue(tx, { name, key, payload, delayMs, ifExists, trace, links });
  }

  /** Forgets a job that has not begun. One that runs goes on; its effect must bear that. */
  cancel<S>(tx: Transaction<S>, name: string, key: string): Promise<void> {
    return this.repository.cancel(tx, name, key);
  }
}
