import { Injectable } from '@nestjs/common';
import { OnEvent } from '@signalpress/messaging';
import type { ReceivedEvent } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { WorkflowService } from './workflow.service.js';
import type { OrchestratorTables } from './workflow.tables.js';

type Tx = Transaction<OrchestratorTables>;

/** Turns events into inputs of the workflow. */
@Injectable()
export class WorkflowConsumer {
  constructor(private readonly workflow: WorkflowService) {}

  @OnEvent('ideas.scored', { onPoison: 'dead-letter' })
  async scored({ id, data }: ReceivedEvent<'ideas.scored'>, tx: Tx): Promise<void> {
    const input = { type: 'ideas.scored' as const, revision: data.revision };
    await this.workflow.handle(tx, { ideaId: data.ideaId, eventId: id, input, scored: data });
  }

  @OnEvent('mockups.generated', { onPoison: 'dead-letter' })
  async generated({ id, data }: ReceivedEvent<'mockups.generated'>, tx: Tx): Promise<void> {
    const { ideaId, commandId, design, previews } = data;
    const input = { type: 'mockups.generated' as const, commandId };
    await this.workflow.handle(tx, { ideaId, eventId: id, input, artwork: { design, previews } });
  }

  @OnEvent('mockups.failed', { onPoison: 'dead-letter' })
  async mockupsFailed({ id, data }: ReceivedEvent<'mockups.failed'>, tx: Tx): Promise<void> {
    const { ideaId, commandId, code, message } = data;
    const input = { type: 'mockups.failed' as const, commandId, cause: { code, message } };
    await this.workflow.handle(tx, { ideaId, eventId: id, input });
  }

  @OnEvent('listings.published', { onPoison: 'dead-letter' })
  async published({ id, data }: ReceivedEvent<'listings.published'>, tx: Tx): Promise<void> {
    const { ideaId, commandId, publishedAt } = data;
    const input = { type: 'listings.published' as const, commandId, publishedAt: new Date(publishedAt) };
    await this.workflow.handle(tx, { ideaId, eventId: id, input, listing: data });
  }

  @OnEvent('listings.failed', { onPoison: 'dead-letter' })
  async listingFailed({ id, data }: ReceivedEvent<'listings.failed'>, tx: Tx): Promise<void> {
    const { ideaId, commandId, code, message } = data;
    const input = { type: 'listings.failed' as const, commandId, cause: { code, message } };
    await this.workflow.handle(tx, { ideaId, eventId: id, input });
  }

  @OnEvent('listings.withdrawn', { onPoison: 'dead-letter' })
  async withdrawn({ id, data }: ReceivedEvent<'listings.withdrawn'>, tx: Tx): Promise<void> {
    const { ideaId, commandId, withdrawnAt } = data;
    const input = { type: 'listings.withdrawn' as const, commandId };
    await this.workflow.handle(tx, { ideaId, eventId: id, input, withdrawnAt: new Date(withdrawnAt) });
  }
}
