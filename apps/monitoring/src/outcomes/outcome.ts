import type { SignalOutcome } from '@signalpress/contracts';
import type { IdeaRow } from '../read-model/read-model.tables.js';

export type Outcome = Pick<SignalOutcome, 'outcome' | 'detail'>;

/**
 * What became of an idea, from all that is known of it. What is visible to the public counts most: a listing outlives any
 * failure, and a failure of a superseded attempt is none.
 */
export function outcomeOf(idea: IdeaRow): Outcome {
  if (idea.published_at !== null) {
    return { outcome: 'listed', detail: isWithdrawn(idea, idea.published_at) ? 'withdrawn' : null };
  }
  if (idea.withdrawn_at !== null) return { outcome: 'rejected', detail: 'withdrawn' };
  const failure = failureOf(idea);
  if (failure !== null) return { outcome: 'failed', detail: failure };
  switch (idea.decision) {
    case 'rejected':
      return idea.decision_rule === 'duplicate'
        ? { outcome: 'duplicate', detail: idea.duplicate_of }
        : { outcome: 'rejected', detail: idea.decision_rule };
    case 'held':
      return { outcome: 'held', detail: idea.held_for };
    case 'deferred':
      return { outcome: 'deferred', detail: idea.deferred_until?.toISOString() ?? null };
    case 'approved':
    case null:
      return { outcome: 'pending', detail: null };
  }
}

/** True when the idea was withdrawn after a listing of this time. */
export function isWithdrawn(idea: Pick<IdeaRow, 'withdrawn_at'>, publishedAt: Date): boolean {
  return idea.withdrawn_at !== null && idea.withdrawn_at >= publishedAt;
}

function failureOf(idea: IdeaRow): string | null {
  if (idea.listing_failure !== null) return idea.listing_failure;
  const { mockups_failed_attempt: failed, mockups_requested_attempt: requested } = idea;
  return failed > 0 && failed >= requested ? idea.mockups_failure : null;
}
