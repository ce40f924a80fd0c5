import { Injectable } from '@nestjs/common';
import type { EventData, Preview, StoredFile } from '@signalpress/contracts';
import type { Selectable, Transaction } from '@signalpress/persistence';
import { Database } from '@signalpress/persistence';
import type { MockupsTable, MockupTables } from './mockups.tables.js';

export type MockupRow = Selectable<MockupsTable>;

export interface GeneratedMockup {
  readonly template: string;
  readonly palette: string;
  readonly design: StoredFile;
  readonly previews: readonly Preview[];
}

const listed = 50;

@Injectable()
export class MockupsRepository {
  constructor(private readonly db: Database<MockupTables>) {}

  /** Writes the command down; false when it is there already. */
  async add(tx: Transaction<MockupTables>, command: EventData<'mockups.requested'>): Promise<boolean> {
    const added = await tx
      .insertInto('mockups')
      .values({
        command_id: command.commandId,
        idea_id: command.ideaId,
        attempt: command.attempt,
        phrase: command.phrase,
        topics: JSON.stringify(command.topics),
        products: JSON.stringify([...new Set(command.products)]),
        requested_at: command.requestedAt,
      })
      .onConflict((conflict) => conflict.column('command_id').doNothing())
      .executeTakeFirst();
    return added.numInsertedOrUpdatedRows === 1n;
  }

  find(commandId: string): Promise<MockupRow | undefined> {
    return this.db.kysely.selectFrom('mockups').selectAll().where('command_id', '=', commandId).executeTakeFirst();
  }

  /** Newest attempt first; at most 50. */
  listByIdea(ideaId: string): Promise<MockupRow[]> {
    return this.db.kysely
      .selectFrom('mockups')
      .selectAll()
      .where('idea_id', '=', ideaId)
      .orderBy('attempt', 'desc')
      .orderBy('command_id')
      .limit(listed)
      .execute();
  }

  /** Marks a pending command as done; false when it has its answer already. */
  async markGenerated(
    tx: Transaction<MockupTables>,
    commandId: string,
    mockup: GeneratedMockup,
    finishedAt: Date,
  ): Promise<boolean> {
    const updated = await tx
      .updateTable('mockups')
      .set({
        state: 'generated',
        template: mockup.template,
        palette: mockup.palette,
        design: JSON.stringify(mockup.design),
        previews: JSON.stringify(mockup.previews),
        finished_at: finishedAt,
      })
      .where('command_id', '=', commandId)
      .where('state', '=', 'pending')
      .executeTakeFirst();
    return updated.numUpdatedRows === 1n;
  }

  /** Marks a pending command as failed; false when it has its answer already. */
  async markFailed(
    tx: Transaction<MockupTables>,
    commandId: string,
    failure: { readonly code: string; readonly message: string },
    finishedAt: Date,
  ): Promise<boolean> {
    const updated = await tx
      .updateTable('mockups')
      .set({
        state: 'failed',
        failure_code: failure.code,
        failure_message: failure.message,
        finished_at: finishedAt,
      })
      .where('command_id', '=', commandId)
      .where('state', '=', 'pending')
      .executeTakeFirst();
    return updated.numUpdatedRows === 1n;
  }
}
