import { Injectable } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { normalizeError, setSpanAttributes, withSpan, semconv, NotTraced } from '@signalpress/observability';
import { Database, isUnavailable } from '@signalpress/persistence';
import { describeIssues } from '../consumer/event-reader.js';
import { DeadLetters } from '../dead-letters/dead-letters.repository.js';
import { PoisonError, UnavailableError, classify } from '../messaging.errors.js';
import { MessagingSettings } from '../messaging.options.js';
import { Signals } from '../messaging.signals.js';
import { backoffMs, pause } from '../timing/backoff.js';
import { continuation } from '../trace/continuation.js';
import { jobRuns, jobSeconds } from './jobs.metrics.js';
import { JobsRepository } from './jobs.repository.js';
import type { Finish, TakenJob } from './jobs.repository.js';
import type { Effect, Job } from './worker.js';
import type { RegisteredWorker } from './workers.js';

type Outcome = 'done' | 'retried' | 'unavailable' | 'given-up' | 'dead-lettered' | 'fenced' | 'released';

/** One run of a job, from the handler to the row that says what became of it. */
@Injectable()
@NotTraced()
export class JobExecution {
  private readonly runs;
  private readonly seconds;

  constructor(
    private readonly db: Database,
    private readonly jobs: JobsRepository,
    private readonly deadLetters: DeadLetters,
    private readonly settings: MessagingSettings,
    private readonly signals: Signals,
  ) {
    this.runs = signals.metrics.counter(jobRuns);
    this.seconds = signals.metrics.histogram(jobSeconds);
  }

  /** Never rejects. When the signal aborts, the job is another's or is about to be given back: its row is left alone. */
  async run(worker: RegisteredWorker, taken: TakenJob, signal: AbortSignal): Promise<void> {
    const attributes = {
      [semconv.attributeNames.jobName]: taken.name,
      [semconv.attributeNames.jobId]: taken.id,
      [semconv.attributeNames.jobAttempt]: taken.attempts,
    };
    const goesOn = continuation(taken.trace, taken.waitedMs, this.settings.tuning.traceWaitMs, taken.links);
    try {
      await withSpan(`job ${taken.name}`, attributes, () => this.timed(worker, taken, signal), {
        kind: SpanKind.CONSUMER,
        ...goesOn,
      });
    } catch {
      // The span has it, and the row says what comes next.
    }
  }

  /** Within the span, so that the exemplar of the time leads to its trace. */
  private async timed(worker: RegisteredWorker, taken: TakenJob, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.attempt(worker, taken, signal);
    } finally {
      this.seconds.observe((performance.now() - startedAt) / 1000, { job: taken.name });
    }
  }

  private async attempt(worker: RegisteredWorker, taken: TakenJob, signal: AbortSignal): Promise<void> {
    try {
      // Its worker died with it each time; who knows whether it would take us along.
      if (taken.attempts > worker.maxAttempts) throw new PoisonError(`No run of ${taken.attempts - 1} came to an end`);
      const { failpoints } = this.settings;
      failpoints.hit('worker.before-run');
      const effect = await worker.handler.run(jobOf(worker, taken, signal));
      failpoints.hit('worker.after-run');
      await this.finish(taken, { state: 'done', everyMs: worker.everyMs }, effect, signal);
      failpoints.hit('worker.after-complete');
      this.tell(taken, 'done');
    } catch (thrown) {
      await this.failed(worker, taken, normalizeError(thrown), signal);
      throw thrown;
    }
  }

  private async failed(worker: RegisteredWorker, taken: TakenJob, error: Error, signal: AbortSignal): Promise<void> {
    const fault = classify(signal.aborted ? signal.reason : error);
    if (fault === 'fenced' || signal.aborted) {
      this.tell(taken, fault === 'fenced' ? 'fenced' : 'released');
      return;
    }
    try {
      const exhausted = fault === 'unknown' && taken.attempts >= worker.maxAttempts;
      if (fault === 'poison' || exhausted) await this.giveUp(worker, taken, error, signal);
      else await this.retry(taken, error, signal);
    } catch (failure) {
      // The lease ends by itself, and the job is taken anew.
      this.signals.logger.warn('job failed, and so did writing that down', { job: taken.name, err: failure });
    }
  }

  private async retry(taken: TakenJob, error: Error, signal: AbortSignal): Promise<void> {
    const fault = classify(error);
    const atLeastMs = error instanceof UnavailableError ? (error.retryAfterMs ?? 0) : 0;
    const delayMs = Math.max(atLeastMs, backoffMs(taken.failures, this.settings.tuning));
    await this.untilAvailable(() => this.jobs.retry(taken, delayMs, fault === 'unknown', error), signal);
    this.tell(taken, fault === 'unavailable' ? 'unavailable' : 'retried');
    const level = fault === 'unknown' || taken.failures === 0 ? 'warn' : 'debug';
    this.signals.logger[level]('job failed, it will run again', {
      job: taken.name,
      fault,
      delay_ms: delayMs,
      err: error,
    });
  }

  private async giveUp(worker: RegisteredWorker, taken: TakenJob, error: Error, signal: AbortSignal): Promise<void> {
    const finish: Finish = { state: 'failed', everyMs: worker.everyMs, error };
    const bury = this.burial(worker, taken, error);
    try {
      const effect = await this.lastEffect(worker, taken, error, signal);
      await this.finish(taken, finish, effect ?? bury, signal);
      this.tell(taken, effect === undefined ? 'dead-lettered' : 'given-up');
    } catch (failure) {
      const fault = classify(failure);
      if (fault === 'fenced' || signal.aborted) return;
      if (fault === 'unavailable' || fault === 'conflict') {
        await this.retry(taken, normalizeError(failure), signal);
        return;
      }
      this.signals.logger.warn('giving up failed as well', { job: taken.name, err: failure });
      await this.finish(taken, finish, bury, signal);
      this.tell(taken, 'dead-lettered');
    }
    this.signals.reporter.report(error, { kind: 'job', name: taken.name });
  }

  /** What the worker wants written when its job never succeeds, if it wants anything and can read the payload. */
  private async lastEffect(
    worker: RegisteredWorker,
    taken: TakenJob,
    error: Error,
    signal: AbortSignal,
  ): Promise<Effect | undefined> {
    const { handler, payload } = worker;
    if (handler.giveUp === undefined || !payload.safeParse(taken.payload).success) return undefined;
    return handler.giveUp(jobOf(worker, taken, signal), error);
  }

  /** A recurring job leaves no dead letter: its next run is the replay. */
  private burial(worker: RegisteredWorker, taken: TakenJob, error: Error): Effect {
    return async (tx) => {
      if (worker.everyMs !== undefined) return;
      await this.deadLetters.buryJob(tx, { ...taken, attempts: Math.min(taken.attempts, worker.maxAttempts), error });
    };
  }

  /**
   * The effect comes first and the job's row last, the order in which everybody else who enqueues the same job locks. The
   * effect is repeated while the database is away; the handler, which may have acted on the world, is not.
   */
  private finish(taken: TakenJob, finish: Finish, effect: Effect, signal: AbortSignal): Promise<void> {
    const write = (): Promise<void> =>
      this.db.transaction(async (tx) => {
        await effect(tx);
        await this.jobs.finish(tx, taken, finish);
        this.settings.failpoints.hit('worker.before-complete');
      });
    return this.untilAvailable(write, signal);
  }

  private async untilAvailable(write: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await write();
        return;
      } catch (error) {
        if (!isUnavailable(error) || signal.aborted) throw error;
      }
      await pause(backoffMs(failures, this.settings.tuning), signal);
    }
  }

  private tell(taken: TakenJob, outcome: Outcome): void {
    this.runs.inc({ job: taken.name, outcome });
    setSpanAttributes({ [semconv.attributeNames.jobOutcome]: outcome });
  }
}

/** @throws PoisonError if the payload is not what the worker takes */
function jobOf(worker: RegisteredWorker, taken: TakenJob, signal: AbortSignal): Job<unknown> {
  const payload = worker.payload.safeParse(taken.payload);
  if (!payload.success) {
    throw new PoisonError(`The payload is not valid: ${describeIssues(payload.error)}`, {
      code: 'invalid-job-payload',
      cause: payload.error,
    });
  }
  const { id, name, key, attempts, enqueuedAt } = taken;
  return { id, name, key, payload: payload.data, attempt: attempts, enqueuedAt, signal };
}
