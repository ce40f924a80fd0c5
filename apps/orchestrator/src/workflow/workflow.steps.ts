import { Injectable } from '@nestjs/common';
import { eventCatalog } from '@signalpress/contracts';
import type { Marketplace, Product } from '@signalpress/contracts';
import { Jobs, Outbox } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { listingCommandId, mockupsCommandId } from './workflow.commands.js';
import { WorkflowRepository } from './workflow.repository.js';
import { WorkflowSettings } from './workflow.settings.js';
import type { Cause, Step } from './workflow.states.js';
import type { Artwork, IdeaPatch, IdeaRow, OrchestratorTables } from './workflow.tables.js';

type Tx = Transaction<OrchestratorTables>;
type Pending = Pick<IdeaRow, 'pending_command_id' | 'pending_step' | 'pending_attempt'>;

/** Where an idea is listed, and on what it is printed. */
export const MARKETPLACE: Marketplace = 'storefront';
const PRODUCT: Product = 't-shirt';

export const DEADLINE_JOB = 'deadline';
/** Attempts share a listing's command, and so does its withdrawal: all three name a deadline. */
const deadlineKey = (commandId: string, step: Step, attempt: number): string => `${commandId}:${step}:${attempt}`;

/** Nothing is awaited any more. */
export const nothingPending = { pending_command_id: null, pending_step: null, pending_attempt: null } as const;

/** The commands to other services. Each writes its event and its deadline, and answers with what to store in the idea. */
@Injectable()
export class WorkflowSteps {
  constructor(
    private readonly outbox: Outbox,
    private readonly jobs: Jobs,
    private readonly repository: WorkflowRepository,
    private readonly settings: WorkflowSettings,
  ) {}

  /** Asks for mockups; every attempt is a new command, so that an answer to an earlier one can be told apart. */
  async requestMockups(tx: Tx, scored: IdeaRow['scored'], attempt: number, at: Date): Promise<IdeaPatch> {
    const { ideaId, phrase, topics } = eventCatalog['ideas.scored'].schema.parse(scored);
    const commandId = mockupsCommandId(ideaId, attempt);
    await this.outbox.publish(tx, 'mockups.requested', {
      ideaId,
      commandId,
      attempt,
      phrase,
      topics,
      products: [PRODUCT],
      requestedAt: at.toISOString(),
    });
    return this.awaitAnswer(tx, { ideaId, commandId, step: 'mockups', attempt });
  }

  /** Asks for the listing; every attempt is the same command, so that the publisher lists the idea once. */
  async requestListing(tx: Tx, idea: IdeaRow, artwork: Artwork, attempt: number, at: Date): Promise<IdeaPatch> {
    const { foundingCapturedAt, copy } = eventCatalog['ideas.scored'].schema.parse(idea.scored);
    const commandId = listingCommandId(idea.idea_id, MARKETPLACE);
    const heldSeconds = await this.repository.heldSeconds(tx, idea.idea_id);
    await this.outbox.publish(tx, 'listings.requested', {
      ideaId: idea.idea_id,
      commandId,
      marketplace: MARKETPLACE,
      sku: idea.sku,
      foundingCapturedAt,
      heldSeconds,
      product: PRODUCT,
      copy,
      design: artwork.design,
      previews: artwork.previews,
      requestedAt: at.toISOString(),
    });
    const pending = await this.awaitAnswer(tx, { ideaId: idea.idea_id, commandId, step: 'listing', attempt });
    return {
      ...pending,
      artwork: JSON.stringify(artwork),
      held_seconds: heldSeconds,
      listing_requested_at: idea.listing_requested_at ?? at,
    };
  }

  async requestWithdrawal(tx: Tx, idea: IdeaRow, reason: string, attempt: number, at: Date): Promise<IdeaPatch> {
    const commandId = listingCommandId(idea.idea_id, MARKETPLACE);
    await this.outbox.publish(tx, 'listings.withdraw-requested', {
      ideaId: idea.idea_id,
      commandId,
      marketplace: MARKETPLACE,
      sku: idea.sku,
      reason,
      requestedAt: at.toISOString(),
    });
    const pending = await this.awaitAnswer(tx, { ideaId: idea.idea_id, commandId, step: 'withdrawal', attempt });
    return { ...pending, withdraw_reason: reason };
  }

  /** Tells everybody that a step will not be answered. The service that should have answered cannot. */
  async announceDeadline(tx: Tx, idea: IdeaRow, cause: Cause, at: Date): Promise<void> {
    const command = { ideaId: idea.idea_id, ...cause, failedAt: at.toISOString() };
    const commandId = idea.pending_command_id;
    if (commandId === null) return;
    if (idea.pending_step === 'mockups') {
      await this.outbox.publish(tx, 'mockups.failed', { ...command, commandId, attempt: idea.pending_attempt ?? 1 });
    } else if (idea.pending_step === 'listing') {
      await this.outbox.publish(tx, 'listings.failed', {
        ...command,
        commandId,
        marketplace: MARKETPLACE,
        sku: idea.sku,
      });
    }
  }

  /** The awaited answer is here, or no longer wanted: its deadline is off. */
  async settle(tx: Tx, idea: Pending): Promise<void> {
    const { pending_command_id: commandId, pending_step: step, pending_attempt: attempt } = idea;
    if (commandId === null || step === null || attempt === null) return;
    await this.jobs.cancel(tx, DEADLINE_JOB, deadlineKey(commandId, step, attempt));
  }

  private async awaitAnswer(
    tx: Tx,
    command: { readonly ideaId: string; readonly commandId: string; readonly step: Step; readonly attempt: number },
  ): Promise<Pending> {
    const { commandId, step, attempt } = command;
    await this.jobs.enqueue(tx, {
      name: DEADLINE_JOB,
      key: deadlineKey(commandId, step, attempt),
      payload: command,
      delayMs: step === 'mockups' ? this.settings.renderTimeoutMs : this.settings.listingTimeoutMs,
    });
    return { pending_command_id: commandId, pending_step: step, pending_attempt: attempt };
  }
}
