import { NotTraced } from '@signalpress/observability';
import { Injectable } from '@nestjs/common';
import { eventEnvelope } from '@signalpress/contracts';
import type { EventEnvelope } from '@signalpress/contracts';
import { Database, errorCode, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { UnavailableError } from '../messaging.errors.js';
import { Handlers } from './handlers.js';
import type { CheckedEvent } from './event-reader.js';

const PRUNE_BATCH = 5_000;
/** SQLSTATE of a statement that took too long; this one takes long only while it waits for another. */
const CANCELED = '57014';

/** Events that had their effect. The row is written with the effect, so a redelivery finds it and does nothing. */
@Injectable()
@NotTraced()
export class Inbox {
  constructor(
    private readonly db: Database,
    private readonly handlers: Handlers,
  ) {}

  /** Gives the event to its handlers, once ever. */
  async handle(tx: Transaction<unknown>, checked: CheckedEvent): Promise<'handled' | 'duplicate'> {
    if (!(await this.record(tx, checked.event))) return 'duplicate';
    await this.run(tx, checked);
    return 'handled';
  }

  /** Whether the event had its effect; false for what has no id that an event could have. */
  async knows(tx: Transaction<unknown>, envelope: unknown): Promise<boolean> {
    const id = eventEnvelope.shape.id.safeParse(idOf(envelope));
    if (!id.success) return false;
    const { rows } = await sql`select from inbox where event_id = ${id.data}`.execute(tx);
    return rows.length > 0;
  }

  /** Gives an event to its handlers that is recorded already, in this transaction. */
  async run(tx: Transaction<unknown>, { type, event }: CheckedEvent): Promise<void> {
    for (const handler of this.handlers.byType.get(type) ?? []) await handler(event, tx);
  }

  /**
   * Records many at once. It asks for those that are known already, of which there are hardly ever any.
   * @returns the ids of those that are new, in lower case; each has to be run, or forgotten, in this transaction
   */
  async recordAll(tx: Transaction<unknown>, events: readonly EventEnvelope[]): Promise<Set<string>> {
    const { rows } = await sql<{ event_id: string }>`
      with received as (
        select * from unnest(${events.map(({ id }) => id)}::uuid[], ${events.map(({ type }) => type)}::text[])
          as one (event_id, type)
      ), added as (
        insert into inbox (event_id, type) select event_id, type from received
        on conflict do nothing returning event_id
      )
      select event_id from received where event_id not in (select event_id from added)`.execute(tx);
    const fresh = new Set(events.map(({ id }) => id.toLowerCase()));
    for (const { event_id } of rows) fresh.delete(event_id);
    return fresh;
  }

  /** Takes back what `recordAll` recorded and nobody got to. */
  async forget(tx: Transaction<unknown>, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await sql`delete from inbox where event_id = any(${ids}::uuid[])`.execute(tx);
  }

  async prune(olderThanDays: number): Promise<number> {
    let pruned = 0;
    for (let gone = PRUNE_BATCH; gone === PRUNE_BATCH; pruned += gone) {
      const { numAffectedRows } = await sql`
        delete from inbox where event_id in (
          select event_id from inbox
          where handled_at < clock_timestamp() - make_interval(days => ${olderThanDays})
          order by handled_at limit ${PRUNE_BATCH})`.execute(this.db.kysely);
      gone = Number(numAffectedRows ?? 0n);
    }
    return pruned;
  }

  private async record(tx: Transaction<unknown>, event: EventEnvelope): Promise<boolean> {
    try {
      const { numAffectedRows } = await sql`
        insert into inbox (event_id, type) values (${event.id}, ${event.type}) on conflict do nothing`.execute(tx);
      return numAffectedRows === 1n;
    } catch (error) {
      if (errorCode(error) !== CANCELED) throw error;
      // A member that has lost the partition without knowing still has it in a transaction, which the server ends in time.
      throw new UnavailableError(`another member has ${event.id} in hand`, { cause: error });
    }
  }
}

function idOf(envelope: unknown): unknown {
  return typeof envelope === 'object' && envelope !== null && 'id' in envelope ? envelope.id : undefined;
}
