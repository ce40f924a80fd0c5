import { NotTraced } from '@signalpress/observability';
import { Injectable } from '@nestjs/common';
import { FencedError } from '../messaging.errors.js';
import { MessagingSettings } from '../messaging.options.js';
import { Signals } from '../messaging.signals.js';
import { settledBefore } from '../timing/backoff.js';
import { Loop } from '../timing/loop.js';
import { WakeUps, serviceChannel } from '../timing/wake-ups.js';
import { JobExecution } from './job-execution.js';
import { jobsByState } from './jobs.metrics.js';
import { JobsRepository, leaseName } from './jobs.repository.js';
import type { TakenJob } from './jobs.repository.js';
import { Workers } from './workers.js';
import type { RegisteredWorker } from './workers.js';

/** When what is due cannot be taken, because somebody has it locked for a moment. */
const LOCKED_MS = 20;
const LONGEST_RENEWAL_MS = 20_000;
/** How long a run may take to notice that it was aborted. */
const ABORT_MS = 500;

interface Running {
  readonly job: TakenJob;
  readonly leaseMs: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Takes jobs as workers become free, and keeps their leases while they run. */
@Injectable()
@NotTraced()
export class JobRunner {
  private readonly running = new Map<string, Running>();
  /** Names of jobs that were committed here since the last pass. */
  private readonly news = new Set<string>();
  private readonly taking: Loop;
  private renewing: Loop | undefined;
  private armed = false;

  constructor(
    private readonly repository: JobsRepository,
    private readonly workers: Workers,
    private readonly execution: JobExecution,
    private readonly settings: MessagingSettings,
    private readonly wakeUps: WakeUps,
    private readonly signals: Signals,
  ) {
    const { pollMs } = settings.tuning;
    this.taking = new Loop({ name: 'jobs', everyMs: pollMs, pass: () => this.pass(), onFault: signals.fault });
  }

  /**
   * How many kinds of jobs we do.
   * @throws InvalidJobError if two workers have one name, or a recurring one wants a payload
   */
  check(): number {
    return this.workers.byName.size;
  }

  start(): void {
    const workers = [...this.workers.byName.values()];
    const everyMs = Math.min(LONGEST_RENEWAL_MS, ...workers.map((worker) => worker.leaseMs / 3));
    this.renewing = new Loop({ name: 'job leases', everyMs, pass: () => this.renew(), onFault: this.signals.fault });
    this.repository.onCommit((name) => {
      this.news.add(name);
      this.taking.wake();
    });
    this.wakeUps.on(serviceChannel(this.settings.service), () => this.taking.wake());
    this.signals.metrics.observeGauge(jobsByState, async () =>
      (await this.repository.countByState()).map(({ name, state, count }) => ({
        labels: { job: name, state },
        value: count,
      })),
    );
    this.taking.start();
    this.renewing.start();
  }

  /** Takes no further job. */
  pause(): Promise<void> {
    return this.taking.stop();
  }

  /** Waits for the running jobs until the deadline aborts, then gives back those that are left. */
  async close(deadline: AbortSignal): Promise<void> {
    await this.pause();
    const all = [...this.running.values()];
    const ended = all.map((run) => run.ended);
    const inTime = await settledBefore(ended, deadline);
    await this.renewing?.stop();
    if (inTime) return;
    for (const { abort } of all) abort.abort(new Error('the service stops'));
    await settledBefore(ended, AbortSignal.timeout(ABORT_MS));
    // What has ended by now is done or put off, and no longer ours to give back.
    await this.repository.release(all.map(({ job }) => job));
  }

  private async pass(): Promise<number> {
    await this.arm();
    const news = [...this.news];
    this.news.clear();
    const waitMs = await this.takeDue();
    // Another instance may have a hand free for what we have just written and cannot take.
    const full = news.some((name) => {
      const worker = this.workers.byName.get(name);
      return worker !== undefined && this.slots(worker) <= 0;
    });
    if (full) await this.repository.tell();
    return waitMs;
  }

  /** Answers how long there is nothing to take (milliseconds). */
  private async takeDue(): Promise<number> {
    const free = [...this.workers.byName.values()].filter((worker) => this.slots(worker) > 0);
    const dueMs = await this.repository.nextDueMs(free.map(({ name }) => name));
    let waitMs = this.settings.tuning.pollMs;
    for (const worker of free) {
      const due = dueMs.get(worker.name);
      if (due === undefined) continue;
      waitMs = Math.min(waitMs, due > 0 ? Math.ceil(due) : await this.take(worker));
    }
    return waitMs;
  }

  private async take(worker: RegisteredWorker): Promise<number> {
    const taken = await this.repository.take(worker.name, this.slots(worker), worker.leaseMs);
    for (const job of taken) this.run(worker, job);
    return taken.length === 0 ? LOCKED_MS : 0;
  }

  private run(worker: RegisteredWorker, job: TakenJob): void {
    const abort = new AbortController();
    const id = leaseName(job);
    const ended = this.execution.run(worker, job, abort.signal).finally(() => {
      this.running.delete(id);
      this.taking.wake();
    });
    this.running.set(id, { job, leaseMs: worker.leaseMs, abort, ended });
  }

  private slots(worker: RegisteredWorker): number {
    const busy = [...this.running.values()].filter(({ job }) => job.name === worker.name).length;
    return worker.concurrency - busy;
  }

  private async renew(): Promise<undefined> {
    const all = [...this.running.values()];
    if (all.length === 0) return;
    const kept = await this.repository.renew(
      all.map(({ job, leaseMs }) => ({ id: job.id, token: job.token, leaseMs })),
    );
    for (const { job, abort } of all)
      if (!kept.has(leaseName(job))) abort.abort(new FencedError(`job ${job.name} ${job.id}`));
  }

  private async arm(): Promise<void> {
    if (this.armed) return;
    for (const { name, everyMs } of this.workers.byName.values()) {
      if (everyMs !== undefined) await this.repository.ensureRecurring(name, everyMs);
    }
    this.armed = true;
  }
}
