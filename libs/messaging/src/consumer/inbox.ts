import { NotTraced } from '@signalpress/observability';
import { Injectable } from '@nestjs/common';
import type { EventEnvelope } from '@signalpress/contracts';
import { Database, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { Handlers } from './handlers.js';
import type { CheckedEvent } from './event-reader.js';

const PRUNE_BATCH = 5_000;

/** Events that had their effect. The row is written with the effect, so a redelivery finds it and does nothing. */
@Injectable()
@NotTraced()
export class Inbox {
  constructor(
    private readonly db: Database,
    private readonly handlers: Handlers,
  ) {}

  /** Gives the event to its handlers, once ever. */
  async handle(tx: Transaction<unknown>, { type, event }: CheckedEvent): Promise<'handled' | 'duplicate'> {
    if (!(await this.record(tx, event))) return 'duplicate';
    for (const handler of this.handlers.byType.get(type) ?? []) await handler(event, tx);
    return 'handled';
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
    const { numAffectedRows } = await sql`
      insert into inbox (event_id, type) values (${event.id}, ${event.type}) on conflict do nothing`.execute(tx);
    return numAffectedRows === 1n;
  }
}
