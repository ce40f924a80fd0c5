import { Injectable } from '@nestjs/common';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData } from '@signalpress/contracts';
import { currentTraceId, Logger, Metrics, semconv, setSpanAttributes } from '@signalpress/observability';
import type { CounterInstrument } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { listingCommandId } from './workflow.commands.js';
import { WorkflowDecisions } from './workflow.decisions.js';
import type { Person } from './workflow.decisions.js';
import { deadlinesTotal, transitionsTotal } from './workflow.metrics.js';
import { WorkflowRepository } from './workflow.repository.js';
import { MARKETPLACE, nothingPending, WorkflowSteps } from './workflow.steps.js';
import type { Answer, Facts, Input, State } from './workflow.states.js';
import { answer } from './workflow.table.js';
import type { Artwork, IdeaPatch, IdeaRow, OrchestratorTables } from './workflow.tables.js';

type Tx = Transaction<OrchestratorTables>;
type Move = Extract<Answer, { kind: 'move' }>;

/** Something that happened to an idea, with what it brings along. */
export interface Occurrence {
  readonly ideaId: string;
  readonly input: Input;
  readonly eventId?: string;
  readonly person?: Person;
  readonly scored?: EventData<'ideas.scored'>;
  readonly artwork?: Artwork;
  readonly listing?: Pick<EventData<'listings.published'>, 'listingId' | 'url' | 'publishedAt'>;
  readonly withdrawnAt?: Date;
}

/** What came of it: the state afterwards, and whether the state allowed it. */
export interface Handled {
  readonly state: State;
  readonly refused: boolean;
}

interface Change {
  readonly patch: IdeaPatch;
  readonly to: State;
  readonly rule: string | null;
}

/**
 * The workflow: asks the transition table what to do and does it, all in the transaction of what happened. Whatever comes
 * in is recorded in the idea's history, also when it changes nothing; only what people may not do leaves no trace there.
 */
@Injectable()
export class WorkflowService {
  private readonly logger: Logger;
  private readonly transitions: CounterInstrument<'input' | 'applied'>;
  private readonly deadlines: CounterInstrument<'step' | 'result'>;

  constructor(
    private readonly repository: WorkflowRepository,
    private readonly decisions: WorkflowDecisions,
    private readonly steps: WorkflowSteps,
    private readonly clock: Clock,
    metrics: Metrics,
    logger: Logger,
  ) {
    this.logger = logger.child('WorkflowService');
    this.transitions = metrics.counter(transitionsTotal);
    this.deadlines = metrics.counter(deadlinesTotal);
  }

  async handle(tx: Tx, occurrence: Occurrence): Promise<Handled> {
    const { ideaId, input } = occurrence;
    setSpanAttributes({ [semconv.attributeNames.ideaId]: ideaId });
    const idea = await this.repository.lock(tx, ideaId);
    const from = idea?.state ?? 'new';
    const given = answer(from, input, factsOf(ideaId, idea));
    if (given.kind === 'refuse') return { state: from, refused: true };
    const at = this.clock.now();
    const change = await this.change(tx, idea, given, occurrence, at);
    const to = change?.to ?? from;
    await this.repository.record(tx, {
      idea_id: ideaId,
      from_state: from,
      to_state: to,
      input: input.type,
      applied: change !== undefined,
      rule: change?.rule ?? null,
      note: noteOf(given),
      actor: occurrence.person?.by ?? 'policy',
      event_id: occurrence.eventId ?? null,
      at,
      trace_id: currentTraceId() ?? null,
    });
    this.transitions.inc({ input: input.type, applied: String(change !== undefined) });
    return { state: to, refused: false };
  }

  private async change(
    tx: Tx,
    idea: IdeaRow | undefined,
    given: Answer,
    occurrence: Occurrence,
    at: Date,
  ): Promise<Change | undefined> {
    const change = await this.carryOut(tx, idea, given, occurrence, at);
    if (change === undefined) return undefined;
    const { to, patch } = change;
    if (to === 'new') throw new Error('an idea never becomes unknown');
    await this.repository.update(tx, occurrence.ideaId, { ...patch, state: to, updated_at: at });
    return change;
  }

  private async carryOut(
    tx: Tx,
    idea: IdeaRow | undefined,
    given: Answer,
    occurrence: Occurrence,
    at: Date,
  ): Promise<Change | undefined> {
    switch (given.kind) {
      case 'decide': {
        const scored = occurrence.scored ?? eventCatalog['ideas.scored'].schema.parse(idea?.scored);
        return this.decisions.byPolicy(tx, idea, scored, at);
      }
      case 'move': {
        const known = required(idea, 'the idea');
        if (given.action === 'approve' || given.action === 'reject') {
          const person = required(occurrence.person, 'the person who decides');
          return this.decisions.byHand(tx, known, given.action === 'approve', person, at);
        }
        return { to: given.to, rule: null, patch: await this.act(tx, known, given, occurrence, at) };
      }
      case 'ignore':
      case 'refuse':
        return undefined;
    }
  }

  private async act(tx: Tx, idea: IdeaRow, move: Move, occurrence: Occurrence, at: Date): Promise<IdeaPatch> {
    const timedOut = occurrence.input.type === 'deadline';
    if (timedOut) this.reportDeadline(idea, move);
    const next = (idea.pending_attempt ?? 0) + 1;
    switch (move.action) {
      case 'retry-mockups':
        return this.steps.requestMockups(tx, idea.scored, next, at);
      case 'request-listing':
        await this.steps.settle(tx, idea);
        return this.steps.requestListing(tx, idea, required(occurrence.artwork, 'the artwork'), 1, at);
      case 'retry-listing':
        return this.steps.requestListing(tx, idea, required(idea.artwork, 'the artwork'), next, at);
      case 'record-published':
        return this.publish(tx, idea, occurrence);
      case 'request-withdrawal': {
        await this.steps.settle(tx, idea);
        const reason = occurrence.person?.reason ?? idea.withdraw_reason ?? 'visible after it was withdrawn';
        const requested = await this.steps.requestWithdrawal(tx, idea, reason, 1, at);
        return { ...listingFields(occurrence), ...requested, withdrawn_at: null };
      }
      case 'retry-withdrawal':
        return this.steps.requestWithdrawal(tx, idea, idea.withdraw_reason ?? 'withdrawn by hand', next, at);
      case 'record-withdrawn':
        await this.steps.settle(tx, idea);
        return { ...nothingPending, ...noCause, withdrawn_at: occurrence.withdrawnAt ?? at };
      case 'fail': {
        const cause = required(move.cause, 'the cause');
        if (timedOut) await this.steps.announceDeadline(tx, idea, cause, at);
        else await this.steps.settle(tx, idea);
        return { ...nothingPending, cause_code: cause.code, cause_message: cause.message };
      }
      case 'approve':
      case 'reject':
        throw new Error('a decision by hand is not a step');
    }
  }

  private async publish(tx: Tx, idea: IdeaRow, occurrence: Occurrence): Promise<IdeaPatch> {
    const listing = listingFields(occurrence);
    // A withdrawal that is under way stays awaited.
    if (idea.pending_step === 'withdrawal') return listing;
    await this.steps.settle(tx, idea);
    return { ...listing, ...nothingPending, ...noCause };
  }

  private reportDeadline(idea: IdeaRow, move: Move): void {
    const step = idea.pending_step ?? 'none';
    const result = move.action === 'fail' ? 'failed' : 'retried';
    this.deadlines.inc({ step, result });
    this.logger.warn('a command was not answered in time', {
      ideaId: idea.idea_id,
      step,
      attempt: idea.pending_attempt,
      result,
    });
  }
}

const noCause = { cause_code: null, cause_message: null } as const;

function factsOf(ideaId: string, idea: IdeaRow | undefined): Facts {
  const pending =
    idea?.pending_command_id != null && idea.pending_step !== null && idea.pending_attempt !== null
      ? { commandId: idea.pending_command_id, step: idea.pending_step, attempt: idea.pending_attempt }
      : null;
  return {
    revision: idea?.revision ?? 0,
    pending,
    listingCommandId: listingCommandId(ideaId, MARKETPLACE),
    listingRequested: idea?.listing_requested_at != null,
    publishedAt: idea?.published_at ?? null,
    withdrawnAt: idea?.withdrawn_at ?? null,
  };
}

function listingFields({ listing }: Occurrence): IdeaPatch {
  if (listing === undefined) return {};
  return { listing_id: listing.listingId, listing_url: listing.url, published_at: new Date(listing.publishedAt) };
}

function noteOf(given: Answer): string | null {
  if (given.kind === 'ignore') return given.reason;
  return given.kind === 'move' ? (given.cause?.code ?? null) : null;
}

function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is missing`);
  return value;
}
