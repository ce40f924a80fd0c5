import { Injectable } from '@nestjs/common';
import type { ReceivedEvent } from '@signalpress/messaging';
import { Jobs, OnEvent } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { MockupsRepository } from './mockups.repository.js';
import type { MockupTables } from './mockups.tables.js';

@Injectable()
export class MockupsConsumer {
  constructor(
    private readonly mockups: MockupsRepository,
    private readonly jobs: Jobs,
  ) {}

  /** A command that is known has been or will be answered: nothing more to do. */
  @OnEvent('mockups.requested', { onPoison: 'dead-letter' })
  async onRequested({ data }: ReceivedEvent<'mockups.requested'>, tx: Transaction<MockupTables>): Promise<void> {
    if (!(await this.mockups.add(tx, data))) return;
    await this.jobs.enqueue(tx, { name: 'render', key: data.commandId, payload: { commandId: data.commandId } });
  }
}
