import type { HoldRow, IdeaRow, TransitionRow } from '../workflow/workflow.tables.js';

const iso = (instant: Date | null): string | null => instant?.toISOString() ?? null;

/** An idea in a list. */
export interface IdeaSummary {
  readonly ideaId: string;
  readonly state: string;
  readonly phrase: string;
  readonly score: number;
  readonly revision: number;
  readonly rule: string;
  readonly reason: string;
  readonly heldFor: string | null;
  readonly deferredUntil: string | null;
  readonly duplicateOf: string | null;
  readonly url: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function summaryOf(idea: IdeaRow): IdeaSummary {
  return {
    ideaId: idea.idea_id,
    state: idea.state,
    phrase: idea.scored.phrase,
    score: idea.scored.score,
    revision: idea.revision,
    rule: idea.rule,
    reason: idea.reason,
    heldFor: idea.held_for,
    deferredUntil: iso(idea.deferred_until),
    duplicateOf: idea.duplicate_of,
    url: idea.listing_url,
    createdAt: idea.created_at.toISOString(),
    updatedAt: idea.updated_at.toISOString(),
  };
}

/** One idea with all that happened to it. */
export type IdeaDetails = ReturnType<typeof detailsOf>;

export function detailsOf(idea: IdeaRow, history: readonly TransitionRow[], holds: readonly HoldRow[]) {
  const { topics, copy, signalIds, foundingSignalId, foundingCapturedAt, breakdown, safety } = idea.scored;
  return {
    ...summaryOf(idea),
    topics,
    copy,
    signalIds,
    foundingSignalId,
    foundingCapturedAt,
    breakdown,
    safety,
    decidedBy: idea.decided_by,
    decidedAt: idea.decided_at.toISOString(),
    sku: idea.sku,
    pending: pendingOf(idea),
    listing: listingOf(idea),
    /** Why it failed; null otherwise. */
    cause: causeOf(idea),
    heldSeconds: idea.held_seconds,
    holds: holds.map((hold) => ({
      heldFor: hold.held_for,
      rule: hold.rule,
      from: hold.held_from.toISOString(),
      until: iso(hold.held_until),
    })),
    history: history.map((step) => ({
      from: step.from_state,
      to: step.to_state,
      input: step.input,
      applied: step.applied,
      rule: step.rule,
      note: step.note,
      actor: step.actor,
      eventId: step.event_id,
      at: step.at.toISOString(),
      traceId: step.trace_id,
    })),
  };
}

function pendingOf(idea: IdeaRow): { step: string; commandId: string; attempt: number } | null {
  const { pending_step: step, pending_command_id: commandId, pending_attempt: attempt } = idea;
  return step === null || commandId === null || attempt === null ? null : { step, commandId, attempt };
}

function listingOf(idea: IdeaRow) {
  if (idea.listing_id === null) return null;
  const { listing_id: listingId, listing_url: url } = idea;
  return { listingId, url, publishedAt: iso(idea.published_at), withdrawnAt: iso(idea.withdrawn_at) };
}

function causeOf({ cause_code: code, cause_message: message }: IdeaRow): { code: string; message: string } | null {
  return code === null || message === null ? null : { code, message };
}
