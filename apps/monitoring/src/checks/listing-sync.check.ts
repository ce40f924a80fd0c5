import { plural, spoken, summaryOf } from './verdict.js';
import type { CheckResult } from './verdict.js';

/** Listings that differ from what the marketplace shows. */
export interface DriftFigures {
  readonly listings: number;
  /** How many of each kind: removed, flagged, price, title. One listing may have several. */
  readonly kinds: Readonly<Record<string, number>>;
  /** The first few. */
  readonly listingIds: readonly string[];
  /** For how long the oldest of them has been so; null when there is none. */
  readonly oldestSeconds: number | null;
}

/** A listing that is gone or flagged sells nothing; a price or a title that differs can wait for the morning. */
const grave = ['removed', 'flagged'];

/** @param limit how many listings may differ */
export function checkListingSync(
  { listings, kinds, listingIds, oldestSeconds }: DriftFigures,
  limit: number,
): CheckResult {
  const parts = Object.entries(kinds)
    .filter(([, count]) => count > 0)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([kind, count]) => `${count} ${kind}`);
  const summary =
    listings === 0
      ? 'Every listing is as the marketplace shows it.'
      : `${plural(listings, 'listing differs', 'listings differ')} from what the marketplace shows (${parts.join(', ')}), ` +
        `for up to ${spoken(oldestSeconds ?? 0)}; ${limit} may.`;
  return {
    condition: 'listing-sync',
    verdicts: [
      {
        broken: listings > limit,
        severity: grave.some((kind) => (kinds[kind] ?? 0) > 0) ? 'error' : 'warning',
        summary: summaryOf(summary),
        figures: {
          listings,
          limit,
          oldest_seconds: Math.round(oldestSeconds ?? 0),
          kinds: parts,
          listing_ids: [...listingIds],
        },
      },
    ],
    otherwise: summaryOf(summary),
  };
}
