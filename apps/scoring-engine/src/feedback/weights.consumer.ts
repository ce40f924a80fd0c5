import { Injectable } from '@nestjs/common';
import { OnEvent, PoisonError } from '@signalpress/messaging';
import type { ReceivedEvent } from '@signalpress/messaging';
import { Logger } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { weightShares, weightUnits } from '../score/weights.js';
import type { ScoringTables } from '../scoring/scoring.tables.js';

/** Takes over learned weights. Scores are made with the newest version, in whatever order versions arrive. */
@Injectable()
export class WeightsConsumer {
  private readonly logger: Logger;

  constructor(logger: Logger) {
    this.logger = logger.child('Weights');
  }

  /** @throws PoisonError when the weights do not add up to one */
  @OnEvent('weights.updated', { onPoison: 'dead-letter' })
  async weightsUpdated({ data }: ReceivedEvent<'weights.updated'>, tx: Transaction<ScoringTables>): Promise<void> {
    const { version, weights, samples } = data;
    const inUnits = Object.entries(weights).map(([factor, weight]) => [factor, Math.round(weight * weightUnits)]);
    const shares = weightShares.safeParse(Object.fromEntries(inUnits));
    if (!shares.success) {
      throw new PoisonError(`the weights of version ${version} do not add up to one`, { code: 'weights-invalid' });
    }
    // A version never changes once a score may have been made with it.
    const added = await tx
      .insertInto('weights')
      .values({ version, shares: JSON.stringify(shares.data), reason: `learned from ${samples} listed ideas` })
      .onConflict((conflict) => conflict.column('version').doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows === 1n) this.logger.log('weights taken over', { version, ...shares.data });
  }
}
