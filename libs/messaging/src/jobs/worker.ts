import { Injectable, SetMetadata } from '@nestjs/common';
import type { Transaction } from '@signalpress/persistence';
import type { z } from 'zod';

/**
 * Database work that completes a job, in the same transaction. It may run more than once (and is rolled back each time but
 * the last), so it has no effect outside of `tx`. Written as a method, so that a service may name its own tables.
 */
export type Effect<S = unknown> = { apply(tx: Transaction<S>): Promise<void> }['apply'];

/** One run of a job. */
export interface Job<P> {
  readonly id: string;
  readonly name: string;
  readonly key: string | undefined;
  readonly payload: P;
  /** 1 for the first; attempts that met something unavailable are not counted. */
  readonly attempt: number;
  readonly enqueuedAt: Date;
  /** Aborted when the lease is lost or the service must stop: what is left to do is somebody else's. */
  readonly signal: AbortSignal;
}

export interface JobHandler<P> {
  /** Does the slow or external part, then answers with what is to be written. */
  run(job: Job<P>): Promise<Effect>;
  /** Answers with what is to be written when the job will never succeed; without it the job becomes a dead letter. */
  giveUp?(job: Job<P>, error: Error): Promise<Effect> | Effect;
}

export interface WorkerOptions<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Jobs at once in this process. */
  readonly concurrency: number;
  /** How long the job stays ours without renewal (milliseconds); default `tuning.jobLeaseMs`. It is renewed while it runs. */
  readonly leaseMs?: number;
  /** Attempts that fail for an unknown reason; default 5. */
  readonly maxAttempts?: number;
  /** Checked when enqueued and before it runs. A recurring worker's schema must take `{}`. */
  readonly payload: S;
  /** Runs every so many milliseconds, once in all instances of the service together. */
  readonly everyMs?: number;
}

export const WORKER = 'signalpress:worker';

type WorkerDecorator<P> = <C extends abstract new (...args: never[]) => JobHandler<P>>(target: C) => void;

/** Makes a provider the worker of the jobs of one name; the class is injectable. */
export function Worker<S extends z.ZodType>(options: WorkerOptions<S>): WorkerDecorator<z.output<S>> {
  const injectable = Injectable();
  const mark = SetMetadata(WORKER, options);
  return (target) => {
    injectable(target);
    mark(target);
  };
}
