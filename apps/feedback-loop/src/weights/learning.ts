import { scoreFactor } from '@signalpress/contracts';
import type { ScoreFactor } from '@signalpress/contracts';
import { rankCorrelation } from './ranks.js';

export const factors = scoreFactor.options;

/** Shares of the factors in ten-thousandths; together 10,000. */
export type Shares = Readonly<Record<ScoreFactor, number>>;

/** A listed idea: what it was scored by, and how it did. */
export interface Sample {
  readonly ideaId: string;
  /** 0..1 each. */
  readonly values: Readonly<Record<ScoreFactor, number>>;
  readonly views: number;
  readonly sales: number;
}

export interface Learning {
  readonly shares: Shares;
  /** Rank correlation of each factor with performance, −1..1. */
  readonly correlations: Readonly<Record<ScoreFactor, number>>;
  /** Ideas that it was learned from. */
  readonly samples: number;
}

export const unit = 10_000;
/** Two percentage points: the most that one step moves a factor. */
export const longestStep = 200;
export const leastShare = 200;
export const greatestShare = 6_000;
/** Views that the shop's own conversion counts as, in the conversion of each idea. */
const priorViews = 20;
/** As strong as evidence gets, a factor weighs three times, or a third of, what it weighed at first. */
const strongestPull = 3;

/**
 * One step of the weights towards what performance says of the factors; undefined when there is none to take.
 *
 * 1. Performance of an idea = (sales + 20 c) ÷ (views + 20), where c is the conversion of all samples together: the mean of a
 *    beta-binomial model, so that one sale at the first view does not make a best-seller (Gelman et al., "Bayesian Data Analysis",
 *    section 2.4).
 * 2. Spearman's ρ between each factor's values and performance. Without any relation ρ √(n − 1) has mean 0 and deviation 1.
 *    Evidence = what of it is beyond one deviation, divided by 2, within −1..1: chance moves little, three deviations say all.
 * 3. Target ∝ the share at first × 3^evidence. The weights do not run off: as long as the evidence stays, so does the target.
 * 4. The nearest weights to the target (in the sense of least squares) that are within 2 points of the current ones, at least
 *    2 % and at most 60 % each, and 100 % together, in whole ten-thousandths.
 *
 * A pure function, and the same in whatever order the samples come.
 *
 * @param first what the factors weighed before anything was learned
 */
export function learn(
  current: Shares,
  first: Shares,
  samples: readonly Sample[],
  minimum: number,
): Learning | undefined {
  const seen = samples.filter(({ views }) => views > 0);
  if (seen.length < Math.max(minimum, 2) || !isWithinBounds(current)) return undefined;
  const performance = performanceOf(seen);
  const correlations = byFactor((factor) =>
    rankCorrelation(
      seen.map(({ values }) => values[factor]),
      performance,
    ),
  );
  const pulls = byFactor((factor) => first[factor] * strongestPull ** evidence(correlations[factor], seen.length));
  // Nothing speaks for a change; the weights stay where they are instead of going back to the first ones.
  if (factors.every((factor) => evidence(correlations[factor], seen.length) === 0)) return undefined;
  const total = factors.reduce((sum, factor) => sum + pulls[factor], 0);
  const target = byFactor((factor) => Math.round((pulls[factor] / total) * unit));
  const shares = nearest(target, current);
  if (factors.every((factor) => shares[factor] === current[factor])) return undefined;
  return { shares, correlations, samples: seen.length };
}

/** Whether weights can be moved by {@link learn}: whole, 100 % together, each within 2 % and 60 %. */
export function isWithinBounds(shares: Shares): boolean {
  const each = factors.every((factor) => {
    const share = shares[factor];
    return Number.isInteger(share) && share >= leastShare && share <= greatestShare;
  });
  return each && factors.reduce((sum, factor) => sum + shares[factor], 0) === unit;
}

/** Conversion of each idea, held towards that of all while its views are few. */
function performanceOf(samples: readonly Sample[]): number[] {
  // A marketplace may count a sale without a view.
  const sold = ({ views, sales }: Sample): number => Math.min(sales, views);
  const views = samples.reduce((sum, sample) => sum + sample.views, 0);
  const overall = samples.reduce((sum, sample) => sum + sold(sample), 0) / views;
  return samples.map((sample) => (sold(sample) + priorViews * overall) / (sample.views + priorViews));
}

function evidence(correlation: number, samples: number): number {
  const deviations = correlation * Math.sqrt(samples - 1);
  return Math.sign(deviations) * Math.min(1, Math.max(0, Math.abs(deviations) - 1) / 2);
}

/**
 * The point of the allowed box with the right sum that is nearest to the target: the target moved by one number for all, each
 * then cut to its bounds (P. Brucker, "An O(n) algorithm for quadratic knapsack problems", 1984). In whole numbers throughout.
 */
function nearest(target: Shares, current: Shares): Shares {
  const cut = (factor: ScoreFactor, shift: number): number => {
    const least = Math.max(leastShare, current[factor] - longestStep);
    const greatest = Math.min(greatestShare, current[factor] + longestStep);
    return Math.min(greatest, Math.max(least, target[factor] + shift));
  };
  const sumAt = (shift: number): number => factors.reduce((sum, factor) => sum + cut(factor, shift), 0);
  // The sum grows with the shift, and holds the right one between its ends, because the current weights are allowed.
  let low = -2 * unit;
  let high = 2 * unit;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (sumAt(middle) <= unit) low = middle;
    else high = middle;
  }
  let left = unit - sumAt(low);
  return byFactor((factor) => {
    const share = cut(factor, low);
    if (left === 0 || cut(factor, low + 1) === share) return share;
    left -= 1;
    return share + 1;
  });
}

function byFactor(of: (factor: ScoreFactor) => number): Record<ScoreFactor, number> {
  return {
    freshness: of('freshness'),
    engagement: of('engagement'),
    novelty: of('novelty'),
    communityFit: of('communityFit'),
    seasonality: of('seasonality'),
  };
}
