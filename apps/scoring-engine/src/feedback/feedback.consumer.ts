import { Injectable } from '@nestjs/common';
import { OnEvent } from '@signalpress/messaging';
import type { ReceivedEvent } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import type { ScoringTables } from '../scoring/scoring.tables.js';

/** Remembers how often each idea sold: what community fit is measured against. */
@Injectable()
export class FeedbackConsumer {
  /** Counts are cumulative, so the newest observation wins, in whatever order they arrive. */
  @OnEvent('feedback.received', { onPoison: 'dead-letter' })
  async feedbackReceived({ data }: ReceivedEvent<'feedback.received'>, tx: Transaction<ScoringTables>): Promise<void> {
    await tx
      .updateTable('ideas')
      .set({ sales: data.sales, performance_observed_at: data.observedAt })
      .where('id', '=', data.ideaId)
      .where((eb) =>
        eb.or([
          eb('performance_observed_at', 'is', null),
          eb('performance_observed_at', '<=', new Date(data.observedAt)),
        ]),
      )
      .execute();
  }
}
