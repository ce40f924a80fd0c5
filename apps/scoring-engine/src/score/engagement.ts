/** What is usual at a source: over the engagement counts of its signals of the last 7 days. */
export interface SourceStatistics {
  readonly samples: number;
  readonly median: number;
  /** Median absolute deviation from the median. */
  readonly mad: number;
}

/** Below this many samples the deviation from the median is believed only in part. */
const trustedSamples = 8;
/** Makes the MAD of a normal distribution comparable with its standard deviation. */
const madToSigma = 1.4826;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Statistics of a source from the counts it gave; signals without a count say nothing and are left out before. */
export function sourceStatistics(counts: readonly number[]): SourceStatistics {
  const centre = median(counts);
  return { samples: counts.length, median: centre, mad: median(counts.map((count) => Math.abs(count - centre))) };
}

/**
 * Robust z-score against the source's median and MAD, squashed to 0..1 by a logistic: 0.5 is what is usual there.
 * A signal without a count is 0.5 too, because not being counted is neither interest nor the lack of it. With few
 * samples the z-score is scaled down in proportion. The scale is never under a tenth of the median or 1, so that a
 * source whose counts hardly differ does not make one more comment a sensation.
 */
export function engagement(count: number | null, statistics: SourceStatistics | undefined): number {
  if (count === null || statistics === undefined || statistics.samples === 0) return 0.5;
  const scale = Math.max(madToSigma * statistics.mad, statistics.median / 10, 1);
  const trust = Math.min(1, statistics.samples / trustedSamples);
  return 1 / (1 + Math.exp(-((count - statistics.median) / scale) * trust));
}
