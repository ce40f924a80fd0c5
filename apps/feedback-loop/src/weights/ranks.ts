/**
 * Rank of each value among all, doubled: equal values share the mean of their ranks, which may end in a half, and whole numbers
 * keep sums exact in whatever order they are made.
 */
export function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length;) {
    let next = first + 1;
    while (next < order.length && order[next]?.value === order[first]?.value) next += 1;
    // Ranks first + 1 to next; twice their mean is the sum of both ends.
    for (const { index } of order.slice(first, next)) ranks[index] = first + 1 + next;
    first = next;
  }
  return ranks;
}

/**
 * Spearman's rank correlation, −1..1, with equal values at their mean rank: Pearson's correlation of the ranks (C. Spearman, "The
 * Proof and Measurement of Association between Two Things", 1904). 0 where one side has a single value and nothing can be said.
 */
export function rankCorrelation(xs: readonly number[], ys: readonly number[]): number {
  const [x, y] = [doubledRanks(xs), doubledRanks(ys)];
  const count = x.length;
  const sum = (of: (index: number) => number): number => x.reduce((total, _, index) => total + of(index), 0);
  const [sumX, sumY] = [sum((i) => x[i] ?? 0), sum((i) => y[i] ?? 0)];
  const covariance = count * sum((i) => (x[i] ?? 0) * (y[i] ?? 0)) - sumX * sumY;
  const varianceX = count * sum((i) => (x[i] ?? 0) ** 2) - sumX ** 2;
  const varianceY = count * sum((i) => (y[i] ?? 0) ** 2) - sumY ** 2;
  if (varianceX === 0 || varianceY === 0) return 0;
  return Math.min(1, Math.max(-1, covariance / Math.sqrt(varianceX * varianceY)));
}
