import { Injectable } from '@nestjs/common';
import { Outbox } from '@signalpress/messaging';
import { Logger, Metrics } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { learn, unit } from './learning.js';
import type { Shares } from './learning.js';
import { weightLearnings } from './weights.metrics.js';
import { WeightsOptions } from './weights.options.js';
import { fingerprintOf, WeightsRepository } from './weights.repository.js';
import type { WeightsTables } from './weights.tables.js';

type Tx = Transaction<WeightsTables>;

/** What came of a look at performance. */
export type LearningOutcome = 'step' | 'no-step' | 'too-soon' | 'nothing-new' | 'too-few-samples';

/** Moves the scoring weights by what performance says of the factors. */
@Injectable()
export class WeightsService {
  constructor(
    private readonly repository: WeightsRepository,
    private readonly options: WeightsOptions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly logger: Logger,
  ) {}

  /** Takes one step, writes the new version and tells of it, or does nothing. */
  async learn(tx: Tx): Promise<LearningOutcome> {
    const outcome = await this.look(tx);
    this.metrics.counter(weightLearnings).inc({ outcome });
    return outcome;
  }

  private async look(tx: Tx): Promise<LearningOutcome> {
    const { learnEveryMs, minimumSamples } = this.options;
    if (await this.repository.isTooSoon(tx, learnEveryMs)) return 'too-soon';
    const samples = await this.repository.samples(tx);
    if (samples.length < minimumSamples) return 'too-few-samples';
    const current = await this.repository.current(tx);
    if (current === undefined) return 'too-few-samples';
    const learnedFrom = fingerprintOf(samples);
    if (learnedFrom === current.learnedFrom) return 'nothing-new';
    const first = (await this.repository.first(tx)) ?? current;
    const learning = learn(current.shares, first.shares, samples, minimumSamples);
    if (learning === undefined) return 'no-step';

    const at = this.clock.now();
    const version = current.version + 1;
    if (current.learnedFrom === null) await this.repository.addKnown(tx, current, at);
    await this.repository.addLearned(tx, version, learning, learnedFrom, at);
    await this.outbox.publish(tx, 'weights.updated', {
      model: 'idea-score',
      version,
      weights: weightsOf(learning.shares),
      samples: learning.samples,
      updatedAt: at.toISOString(),
    });
    this.logger.log('the scoring weights moved', { version, ...learning });
    return 'step';
  }
}

const weightsOf = (shares: Shares): Record<keyof Shares, number> => ({
  freshness: shares.freshness / unit,
  engagement: shares.engagement / unit,
  novelty: shares.novelty / unit,
  communityFit: shares.communityFit / unit,
  seasonality: shares.seasonality / unit,
});
