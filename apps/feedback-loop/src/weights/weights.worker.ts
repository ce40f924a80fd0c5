import type { Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { Worker } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { z } from 'zod';
import { WeightsService } from './weights.service.js';
import type { WeightsTables } from './weights.tables.js';

const hourMs = 3_600_000;

@Injectable()
export class WeightsLearner implements JobHandler<unknown> {
  constructor(private readonly weights: WeightsService) {}

  /** Everything is read in the transaction that completes the job, so no two steps come from the same. */
  async run(): Promise<Effect> {
    return Promise.resolve(async (tx: Transaction<WeightsTables>) => {
      await this.weights.learn(tx);
    });
  }
}

/**
 * Learning as a recurring worker. It looks every hour whether the time of the next step has come, so that a run that is late
 * or missed does not cost a whole day.
 */
export function learnWeightsWorker(learnEveryMs: number): Type<JobHandler<unknown>> {
  @Worker({ name: 'learn-weights', concurrency: 1, everyMs: Math.min(learnEveryMs, hourMs), payload: z.object({}) })
  class LearnWeightsWorker extends WeightsLearner {}
  return LearnWeightsWorker;
}
