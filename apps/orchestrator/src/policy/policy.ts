import type { EventData } from '@signalpress/contracts';

/** What the rules look at; a part of the newest score of an idea. */
export type Candidate = Pick<EventData<'ideas.scored'>, 'score' | 'safety' | 'duplicateOf'>;

/** How an installation wants its ideas decided. */
export interface Policy {
  /** Least score that is approved, 0..1. */
  readonly approvalThreshold: number;
  /** Most ideas that are approved per shop day. */
  readonly dailyListingBudget: number;
}

/** How much of the budget is gone, and when there is a new one. */
export interface BudgetUse {
  readonly approvedToday: number;
  readonly nextDayStart: Date;
}

interface Grounds {
  /** Name of the rule that decided. */
  readonly rule: string;
  /** The rule with its figures, for people. */
  readonly reason: string;
}

/** One answer of the rules; the field names are those of `ideas.decided`. */
export type Decision =
  | (Grounds & { readonly decision: 'approved' })
  | (Grounds & { readonly decision: 'rejected'; readonly duplicateOf: string | null })
  | (Grounds & { readonly decision: 'held'; readonly heldFor: 'reviewer' })
  | (Grounds & { readonly decision: 'deferred'; readonly deferredUntil: Date });

/**
 * The rules in their order: wording that a person has to see, repetition, score, budget. Wording comes first, so that
 * nothing doubtful is ever approved on its score; budget comes last, so that it is only spent on what would be listed.
 */
export function decide(candidate: Candidate, policy: Policy, budget: BudgetUse): Decision {
  const finding = candidate.safety[0];
  if (finding !== undefined) {
    const more = candidate.safety.length > 1 ? ` (and ${candidate.safety.length - 1} more)` : '';
    const reason = `${finding.rule} "${finding.term}"${more}: ${finding.explanation}`;
    return { decision: 'held', rule: `safety-${finding.rule}`, reason: reason.slice(0, 500), heldFor: 'reviewer' };
  }
  if (candidate.duplicateOf !== null) {
    const reason = `says the same as the decided idea ${candidate.duplicateOf}`;
    return { decision: 'rejected', rule: 'duplicate', reason, duplicateOf: candidate.duplicateOf };
  }
  const { approvalThreshold, dailyListingBudget } = policy;
  if (candidate.score < approvalThreshold) {
    const reason = `score ${shown(candidate.score)} is below the threshold ${approvalThreshold}`;
    return { decision: 'rejected', rule: 'score-threshold', reason, duplicateOf: null };
  }
  if (budget.approvedToday >= dailyListingBudget) {
    const reason = `the budget of ${dailyListingBudget} listings for this shop day is used up`;
    return { decision: 'deferred', rule: 'daily-budget', reason, deferredUntil: budget.nextDayStart };
  }
  const reason = `score ${shown(candidate.score)} is at least the threshold ${approvalThreshold}`;
  return { decision: 'approved', rule: 'score-threshold', reason };
}

// Rounded down, so that a score just below the threshold is never shown as equal to it.
const shown = (score: number): string => (Math.floor(score * 1_000) / 1_000).toString();
