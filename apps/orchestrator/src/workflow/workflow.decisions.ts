import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import { Jobs, Outbox } from '@signalpress/messaging';
import { currentTraceContext, Metrics } from '@signalpress/observability';
import type { CounterInstrument } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { decide } from '../policy/policy.js';
import type { Decision } from '../policy/policy.js';
import { shopDay } from '../policy/shop-day.js';
import { skuFor } from './workflow.commands.js';
import { decisionsTotal } from './workflow.metrics.js';
import { WorkflowRepository } from './workflow.repository.js';
import { WorkflowSettings } from './workflow.settings.js';
import type { StoredState } from './workflow.states.js';
import { WorkflowSteps } from './workflow.steps.js';
import type { IdeaPatch, IdeaRow, OrchestratorTables } from './workflow.tables.js';

type Tx = Transaction<OrchestratorTables>;
type Scored = EventData<'ideas.scored'>;

/** Who decided by hand, and why. */
export interface Person {
  readonly by: string;
  readonly reason: string;
}

/** Where a decision leads, and what to store besides. */
export interface Decided {
  readonly to: StoredState;
  readonly rule: string;
  readonly patch: IdeaPatch;
}

export const RECONSIDER_JOB = 'reconsider';

const stateAfter = { approved: 'rendering', held: 'held', deferred: 'deferred', rejected: 'rejected' } as const;

/** Decides ideas, by policy or by a person's word: budget, hold, event and first command in one transaction. */
@Injectable()
export class WorkflowDecisions {
  private readonly decided: CounterInstrument<'decision' | 'rule'>;

  constructor(
    private readonly outbox: Outbox,
    private readonly jobs: Jobs,
    private readonly repository: WorkflowRepository,
    private readonly steps: WorkflowSteps,
    private readonly settings: WorkflowSettings,
    metrics: Metrics,
  ) {
    this.decided = metrics.counter(decisionsTotal);
  }

  /** Applies the rules to a new score, or again to a deferred one. `idea` is undefined the first time. */
  async byPolicy(tx: Tx, idea: IdeaRow | undefined, scored: Scored, at: Date): Promise<Decided> {
    const { policy, timeZone } = this.settings;
    const day = shopDay(at, timeZone);
    const unused = { approvedToday: 0, nextDayStart: day.nextStart };
    let decision = decide(scored, policy, unused);
    if (decision.decision === 'approved') {
      // Only what would be approved takes the day's lock, so that everything else is decided in parallel.
      decision = decide(scored, policy, { ...unused, approvedToday: await this.repository.lockBudget(tx, day.date) });
    }
    if (idea === undefined) await this.repository.insert(tx, newIdea(scored, decision, at));
    return this.carryOut(tx, idea, scored, { ...decision, decidedBy: 'policy' }, at);
  }

  /** A person's word stands over the rules: it neither needs a score nor budget, but it counts towards the budget. */
  async byHand(tx: Tx, idea: IdeaRow, approved: boolean, person: Person, at: Date): Promise<Decided> {
    const grounds = { rule: 'by-hand', reason: person.reason, decidedBy: person.by };
    const decision: Decision = approved
      ? { decision: 'approved', ...grounds }
      : { decision: 'rejected', duplicateOf: null, ...grounds };
    return this.carryOut(tx, idea, idea.scored, { ...decision, decidedBy: person.by }, at);
  }

  private async carryOut(
    tx: Tx,
    idea: IdeaRow | undefined,
    scored: Scored,
    decision: Decision & { readonly decidedBy: string },
    at: Date,
  ): Promise<Decided> {
    const to = stateAfter[decision.decision];
    await this.keepHold(tx, idea, scored.ideaId, decision, at);
    const fields = fieldsOf(decision);
    await this.outbox.publish(tx, 'ideas.decided', {
      ideaId: scored.ideaId,
      revision: scored.revision,
      decision: decision.decision,
      rule: decision.rule,
      reason: decision.reason,
      heldFor: fields.held_for,
      deferredUntil: fields.deferred_until?.toISOString() ?? null,
      duplicateOf: fields.duplicate_of,
      decidedBy: decision.decidedBy,
      decidedAt: at.toISOString(),
    });
    let command: IdeaPatch = {};
    if (decision.decision === 'approved') {
      await this.repository.spendBudget(tx, shopDay(at, this.settings.timeZone).date);
      command = await this.steps.requestMockups(tx, scored, 1, at);
    } else if (decision.decision === 'deferred') {
      await this.reconsiderLater(tx, scored.ideaId, decision.deferredUntil, at);
    }
    this.decided.inc({ decision: decision.decision, rule: decision.rule });
    const decided = { rule: decision.rule, reason: decision.reason, decided_by: decision.decidedBy, decided_at: at };
    return { to, rule: decision.rule, patch: { ...decided, ...fields, ...scoreFields(scored), ...command } };
  }

  /** Opens, keeps or ends the hold. A hold for the same one goes on when an idea is decided the same way again. */
  private async keepHold(
    tx: Tx,
    idea: IdeaRow | undefined,
    ideaId: string,
    decision: Decision,
    at: Date,
  ): Promise<void> {
    const to = stateAfter[decision.decision];
    if (idea?.state === to) return;
    await this.repository.closeHold(tx, ideaId, at);
    if (to === 'held' || to === 'deferred') {
      const heldFor = to === 'held' ? 'reviewer' : 'budget';
      await this.repository.openHold(tx, { idea_id: ideaId, held_for: heldFor, rule: decision.rule, held_from: at });
    }
  }

  private async reconsiderLater(tx: Tx, ideaId: string, until: Date, at: Date): Promise<void> {
    await this.jobs.enqueue(tx, {
      name: RECONSIDER_JOB,
      // The instant is a part of the key: a job that runs now and defers again must not meet itself.
      key: `${ideaId}:${until.toISOString()}`,
      payload: { ideaId },
      delayMs: until.getTime() - at.getTime(),
    });
  }
}

function fieldsOf(decision: Decision): Pick<IdeaRow, 'held_for' | 'deferred_until' | 'duplicate_of'> {
  return {
    held_for: decision.decision === 'held' ? decision.heldFor : null,
    deferred_until: decision.decision === 'deferred' ? decision.deferredUntil : null,
    duplicate_of: decision.decision === 'rejected' ? decision.duplicateOf : null,
  };
}

function scoreFields(scored: Scored): { scored: string; revision: number; trace: string | null } {
  const trace = currentTraceContext();
  return {
    scored: JSON.stringify(scored),
    revision: scored.revision,
    trace: trace === undefined ? null : JSON.stringify(trace),
  };
}

function newIdea(scored: Scored, decision: Decision, at: Date): Parameters<WorkflowRepository['insert']>[1] {
  return {
    idea_id: scored.ideaId,
    state: stateAfter[decision.decision],
    sku: skuFor(scored.ideaId),
    rule: decision.rule,
    reason: decision.reason,
    decided_by: 'policy',
    decided_at: at,
    created_at: at,
    updated_at: at,
    ...scoreFields(scored),
  };
}
