/** A median with an interval whose coverage is known without any assumption about the distribution. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Probability that [low, high] covers the true median, from the binomial distribution of the ranks. */
  readonly coverage: number;
}

const WANTED_COVERAGE = 0.95;

/**
 * Median and its order-statistics interval: the narrowest pair of ranks, symmetric around the middle, that covers at least 95 %. With
 * fewer than six values there is none; then it is [min, max] with the coverage that this has (5: 93.8 %, 3: 75 %).
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  let trimmed = 0;
  while (trimmed + 1 < sorted.length / 2 && coverageOf(sorted.length, trimmed + 1) >= WANTED_COVERAGE) trimmed += 1;
  return {
    median: median(sorted),
    low: sorted[trimmed] ?? NaN,
    high: sorted[sorted.length - 1 - trimmed] ?? NaN,
    coverage: coverageOf(sorted.length, trimmed),
  };
}

/** Median of the values; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** The median lies outside when at most `trimmed` of `n` values are on one side of it: a fair coin's tail, twice. */
function coverageOf(n: number, trimmed: number): number {
  let tail = 0;
  let combinations = 1;
  for (let k = 0; k <= trimmed; k += 1) {
    tail += combinations;
    combinations = (combinations * (n - k)) / (k + 1);
  }
  return 1 - (2 * tail) / 2 ** n;
}
