import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import type { Insertable, Transaction } from '@signalpress/persistence';
import { unknownIdea } from './idea.fold.js';
import type { IdeaEventsTable, IdeaRow, MonitoringTables } from './read-model.tables.js';

type Tx = Transaction<MonitoringTables>;

/** The read model's rows; every method runs in the transaction of the event. */
@Injectable()
export class ReadModelRepository {
  async addEvent(tx: Tx, event: Insertable<IdeaEventsTable>): Promise<void> {
    await tx
      .insertInto('idea_events')
      .values(event)
      .onConflict((conflict) => conflict.column('event_id').doNothing())
      .execute();
  }

  async addSignal(tx: Tx, signal: EventData<'signals.ingested'>): Promise<void> {
    const { signalId, ingestionId, source, capturedAt } = signal;
    await tx
      .insertInto('signals')
      .values({ signal_id: signalId, ingestion_id: ingestionId, source, captured_at: new Date(capturedAt) })
      .onConflict((conflict) => conflict.column('signal_id').doNothing())
      .execute();
  }

  async addSignalsOfIdea(tx: Tx, ideaId: string, signalIds: readonly string[]): Promise<void> {
    await tx
      .insertInto('signal_ideas')
      // In one order everywhere, so that two transactions never wait for each other.
      .values([...new Set(signalIds)].sort().map((signalId) => ({ signal_id: signalId, idea_id: ideaId })))
      .onConflict((conflict) => conflict.column('signal_id').doNothing())
      .execute();
  }

  async addListing(tx: Tx, listing: EventData<'listings.published'>): Promise<void> {
    const { marketplace, listingId, ideaId, url, publishedAt } = listing;
    await tx
      .insertInto('listings')
      .values({ marketplace, listing_id: listingId, idea_id: ideaId, url, published_at: new Date(publishedAt) })
      .onConflict((conflict) => conflict.columns(['marketplace', 'listing_id']).doNothing())
      .execute();
  }

  /** The idea, locked until the transaction ends; a row that knows nothing when it is heard of for the first time. */
  async lockIdea(tx: Tx, ideaId: string, at: Date): Promise<IdeaRow> {
    const locked = tx.selectFrom('ideas').selectAll().where('idea_id', '=', ideaId).forUpdate();
    const known = await locked.executeTakeFirst();
    if (known !== undefined) return known;
    await tx
      .insertInto('ideas')
      .values(unknownIdea(ideaId, at))
      .onConflict((conflict) => conflict.column('idea_id').doNothing())
      .execute();
    return locked.executeTakeFirstOrThrow();
  }

  async foundingSignal(tx: Tx, ideaId: string): Promise<string | null> {
    const idea = tx.selectFrom('ideas').select('founding_signal_id').where('idea_id', '=', ideaId);
    return (await idea.executeTakeFirst())?.founding_signal_id ?? null;
  }

  async updateIdea(tx: Tx, idea: IdeaRow): Promise<void> {
    await tx.updateTable('ideas').set(idea).where('idea_id', '=', idea.idea_id).execute();
  }
}
