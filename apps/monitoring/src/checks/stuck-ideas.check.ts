import { plural, spoken, summaryOf } from './verdict.js';
import type { CheckResult } from './verdict.js';

/** An idea that is under way, neither held nor deferred, and older than the agreement allows. */
export interface StuckIdea {
  readonly ideaId: string;
  /** Since its founding signal was captured, without the time that it was held. */
  readonly ageSeconds: number;
}

/** Ids that an incident names. */
const NAMED = 10;

/**
 * A pipeline that stands still lists nothing, so there is no mean to be too high; this is what tells.
 *
 * @param count how many ideas are stuck; `oldest` holds the first of them
 */
export function checkStuckIdeas(count: number, oldest: readonly StuckIdea[], thresholdSeconds: number): CheckResult {
  const ages = oldest.map(({ ageSeconds }) => ageSeconds);
  const oldestSeconds = Math.round(Math.max(0, ...ages));
  const limit = spoken(thresholdSeconds);
  const summary =
    count === 0
      ? `No idea has waited longer than ${limit} for its listing.`
      : `${plural(count, 'idea has', 'ideas have')} waited longer than ${limit} for a listing; the oldest for ${spoken(oldestSeconds)}.`;
  return {
    condition: 'stuck-ideas',
    verdicts: [
      {
        broken: count > 0,
        severity: 'critical',
        summary: summaryOf(summary),
        figures: {
          ideas: count,
          oldest_seconds: oldestSeconds,
          threshold_seconds: thresholdSeconds,
          idea_ids: oldest.slice(0, NAMED).map(({ ideaId }) => ideaId),
        },
      },
    ],
    otherwise: summaryOf(summary),
  };
}
