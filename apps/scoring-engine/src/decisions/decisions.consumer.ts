import { Injectable } from '@nestjs/common';
import { OnEvent } from '@signalpress/messaging';
import type { ReceivedEvent } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import type { ScoringTables } from '../scoring/scoring.tables.js';

/** Closes an idea to further signals once it is decided. */
@Injectable()
export class DecisionsConsumer {
  /**
   * A held or deferred idea stays open: it may still change. A decided one is what later signals repeat, unless it was
   * itself rejected as a duplicate: then what it repeats stands for both.
   */
  @OnEvent('ideas.decided', { onPoison: 'dead-letter' })
  async ideaDecided({ data }: ReceivedEvent<'ideas.decided'>, tx: Transaction<ScoringTables>): Promise<void> {
    if (data.decision !== 'approved' && data.decision !== 'rejected') return;
    await tx
      .updateTable('ideas')
      .set({ state: data.decision, closed_at: data.decidedAt, shadows: data.duplicateOf === null })
      .where('id', '=', data.ideaId)
      .where('state', '=', 'open')
      .execute();
  }
}
