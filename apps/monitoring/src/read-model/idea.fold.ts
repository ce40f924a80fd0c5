import type { EventData } from '@signalpress/contracts';
import { outcomeOf } from '../outcomes/outcome.js';
import type { IdeaRow } from './read-model.tables.js';
import type { TimelineType } from './timeline-types.js';

/** An idea that nothing is known of yet. */
export function unknownIdea(ideaId: string, at: Date): IdeaRow {
  return {
    idea_id: ideaId,
    revision: 0,
    phrase: null,
    score: null,
    founding_signal_id: null,
    founding_captured_at: null,
    scored_at: null,
    decision: null,
    decision_rule: null,
    decided_at: null,
    held_for: null,
    deferred_until: null,
    duplicate_of: null,
    approved_at: null,
    mockups_requested_attempt: 0,
    mockups_attempt: 0,
    mockups_at: null,
    mockups_failed_attempt: 0,
    mockups_failed_at: null,
    mockups_failure: null,
    listing_failed_at: null,
    listing_failure: null,
    published_at: null,
    first_marketplace: null,
    held_seconds: null,
    publish_latency_ms: null,
    withdrawn_at: null,
    outcome: 'pending',
    outcome_detail: null,
    updated_at: at,
  };
}

/** Events that change what is known of an idea. */
export type FoldedType = Exclude<
  TimelineType,
  | 'signals.ingested'
  | 'listings.requested'
  | 'listings.withdraw-requested'
  | 'listings.observed'
  | 'listings.drifted'
  | 'feedback.received'
>;
type Folds = { readonly [T in FoldedType]: (idea: IdeaRow, data: EventData<T>) => Partial<IdeaRow> };

const folds: Folds = {
  'ideas.scored': scored,
  'ideas.decided': decided,
  'mockups.requested': (idea, { attempt }) => ({
    mockups_requested_attempt: Math.max(idea.mockups_requested_attempt, attempt),
  }),
  'mockups.generated': (idea, { attempt, generatedAt }) => {
    const at = new Date(generatedAt);
    const same = attempt === idea.mockups_attempt;
    if (attempt < idea.mockups_attempt || (same && !isEarlier(at, idea.mockups_at))) return {};
    return { mockups_attempt: attempt, mockups_at: at };
  },
  'mockups.failed': (idea, { attempt, code, failedAt }) => {
    const at = new Date(failedAt);
    const same = attempt === idea.mockups_failed_attempt;
    if (attempt < idea.mockups_failed_attempt || (same && !isEarlier(at, idea.mockups_failed_at))) return {};
    return { mockups_failed_attempt: attempt, mockups_failed_at: at, mockups_failure: code };
  },
  'listings.published': published,
  'listings.failed': (idea, { code, failedAt }) => {
    const at = new Date(failedAt);
    return isEarlier(at, idea.listing_failed_at) ? { listing_failed_at: at, listing_failure: code } : {};
  },
  'listings.withdrawn': (idea, { withdrawnAt }) => {
    const at = new Date(withdrawnAt);
    return idea.withdrawn_at === null || at > idea.withdrawn_at ? { withdrawn_at: at } : {};
  },
};

/**
 * What is known of an idea after one more event. The result does not depend on the order of events, and an event that
 * comes again changes nothing: each field follows the event's own attempt, revision or time, never its arrival.
 */
export function foldIdea<T extends FoldedType>(idea: IdeaRow, type: T, data: EventData<T>): IdeaRow {
  const fold: Folds[T] = folds[type];
  const known = { ...idea, ...fold(idea, data) };
  const { outcome, detail } = outcomeOf(known);
  return { ...known, outcome, outcome_detail: detail };
}

function scored(idea: IdeaRow, data: EventData<'ideas.scored'>): Partial<IdeaRow> {
  const at = new Date(data.asOf);
  const first = isEarlier(at, idea.scored_at) ? { scored_at: at } : {};
  if (data.revision <= idea.revision) return first;
  return {
    ...first,
    revision: data.revision,
    phrase: data.phrase,
    score: data.score,
    founding_signal_id: data.foundingSignalId,
    founding_captured_at: new Date(data.foundingCapturedAt),
  };
}

const isFinal = (decision: IdeaRow['decision']): boolean => decision === 'approved' || decision === 'rejected';

function decided(idea: IdeaRow, data: EventData<'ideas.decided'>): Partial<IdeaRow> {
  const at = new Date(data.decidedAt);
  // Approval and rejection are final, so a hold that is heard of later came before.
  const settled = isFinal(idea.decision);
  const newer = idea.decided_at === null || at > idea.decided_at;
  if (settled === isFinal(data.decision) ? !newer : settled) return {};
  return {
    decision: data.decision,
    decision_rule: data.rule,
    decided_at: at,
    held_for: data.heldFor,
    deferred_until: data.deferredUntil === null ? null : new Date(data.deferredUntil),
    duplicate_of: data.duplicateOf,
    approved_at: data.decision === 'approved' ? at : null,
  };
}

/** Publish latency is that of the first listing: `publishedAt − foundingCapturedAt − heldSeconds`. */
function published(idea: IdeaRow, data: EventData<'listings.published'>): Partial<IdeaRow> {
  const at = new Date(data.publishedAt);
  if (!isFirst(idea, at, data)) return {};
  const foundingCapturedAt = new Date(data.foundingCapturedAt);
  const latencyMs = at.getTime() - foundingCapturedAt.getTime() - data.heldSeconds * 1_000;
  return {
    published_at: at,
    first_marketplace: data.marketplace,
    held_seconds: data.heldSeconds,
    // Once it was scored, the score says so.
    founding_captured_at: idea.revision > 0 ? idea.founding_captured_at : foundingCapturedAt,
    // Clocks of two hosts may differ by more than a very fast publication takes.
    publish_latency_ms: Math.max(0, Math.round(latencyMs)),
  };
}

/** Of two listings of one instant, names and holds decide: some one of them has to be first, whichever is heard of first. */
function isFirst(idea: IdeaRow, at: Date, data: EventData<'listings.published'>): boolean {
  if (idea.published_at === null || at < idea.published_at) return true;
  if (at > idea.published_at) return false;
  const known = idea.first_marketplace ?? '';
  return data.marketplace < known || (data.marketplace === known && data.heldSeconds < (idea.held_seconds ?? 0));
}

function isEarlier(at: Date, than: Date | null): boolean {
  return than === null || at < than;
}
