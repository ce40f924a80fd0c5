import { Injectable } from '@nestjs/common';
import { sql } from '@signalpress/persistence';
import type { Insertable, Transaction } from '@signalpress/persistence';
import type {
  HoldsTable,
  IdeaPatch,
  IdeaRow,
  IdeasTable,
  OrchestratorTables,
  TransitionsTable,
} from './workflow.tables.js';

type Tx = Transaction<OrchestratorTables>;

/** The workflow's rows; every method runs in the transaction of what happened. */
@Injectable()
export class WorkflowRepository {
  /** The idea, locked until the transaction ends, so that two inputs never act on one state. */
  async lock(tx: Tx, ideaId: string): Promise<IdeaRow | undefined> {
    return tx.selectFrom('ideas').selectAll().where('idea_id', '=', ideaId).forUpdate().executeTakeFirst();
  }

  async insert(tx: Tx, idea: Insertable<IdeasTable>): Promise<void> {
    await tx.insertInto('ideas').values(idea).execute();
  }

  async update(tx: Tx, ideaId: string, patch: IdeaPatch): Promise<void> {
    await tx.updateTable('ideas').set(patch).where('idea_id', '=', ideaId).execute();
  }

  async record(tx: Tx, transition: Insertable<TransitionsTable>): Promise<void> {
    await tx.insertInto('transitions').values(transition).execute();
  }

  async openHold(
    tx: Tx,
    hold: Pick<Insertable<HoldsTable>, 'idea_id' | 'held_for' | 'rule' | 'held_from'>,
  ): Promise<void> {
    await tx.insertInto('holds').values(hold).execute();
  }

  /** Ends the open hold, if there is one. */
  async closeHold(tx: Tx, ideaId: string, at: Date): Promise<void> {
    await tx
      .updateTable('holds')
      // A clock that was set back must not make a hold negative.
      .set({ held_until: sql<Date>`greatest(held_from, ${at}::timestamptz)` })
      .where('idea_id', '=', ideaId)
      .where('held_until', 'is', null)
      .execute();
  }

  /** Seconds that the idea was held, over all of its ended holds, to the millisecond. */
  async heldSeconds(tx: Tx, ideaId: string): Promise<number> {
    const { seconds } = await tx
      .selectFrom('holds')
      .select(sql<number>`coalesce(round(sum(extract(epoch from held_until - held_from)), 3), 0)::float8`.as('seconds'))
      .where('idea_id', '=', ideaId)
      .where('held_until', 'is not', null)
      .executeTakeFirstOrThrow();
    return seconds;
  }

  /** Approvals of a shop day, locked until the transaction ends: nobody else can spend what this transaction saw. */
  async lockBudget(tx: Tx, shopDay: string): Promise<number> {
    await tx
      .insertInto('budget_days')
      .values({ shop_day: shopDay, approved: 0 })
      .onConflict((conflict) => conflict.column('shop_day').doNothing())
      .execute();
    const { approved } = await tx
      .selectFrom('budget_days')
      .select('approved')
      .where('shop_day', '=', shopDay)
      .forUpdate()
      .executeTakeFirstOrThrow();
    return approved;
  }

  async spendBudget(tx: Tx, shopDay: string): Promise<void> {
    await tx
      .insertInto('budget_days')
      .values({ shop_day: shopDay, approved: 1 })
      .onConflict((conflict) =>
        conflict.column('shop_day').doUpdateSet({ approved: sql<number>`budget_days.approved + 1` }),
      )
      .execute();
  }
}
