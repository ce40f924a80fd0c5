import { plural, spoken, summaryOf } from './verdict.js';
import type { CheckResult } from './verdict.js';

/** Publish latency of the ideas whose first listing lies in the window. */
export interface LatencyFigures {
  readonly ideas: number;
  /** Null when there are none. */
  readonly meanSeconds: number | null;
  /** Share of the ideas within the agreement, 0..1; null when there are none. */
  readonly withinShare: number | null;
}

export interface LatencyAgreement {
  readonly thresholdSeconds: number;
  readonly windowSeconds: number;
  /** Fewer ideas say nothing about the mean. */
  readonly minimumSamples: number;
}

/** Whether the mean is above what is agreed on. Too few ideas break nothing: ideas that wait are the other check's. */
export function checkPublishLatency(figures: LatencyFigures, agreed: LatencyAgreement): CheckResult {
  const { ideas, meanSeconds, withinShare } = figures;
  const inTime = Math.round((withinShare ?? 0) * ideas);
  const { thresholdSeconds, windowSeconds, minimumSamples } = agreed;
  const window = spoken(windowSeconds);
  const tooFew = meanSeconds === null || ideas < minimumSamples;
  const summary = tooFew
    ? `Only ${plural(ideas, 'idea was', 'ideas were')} listed in the last ${window}; the mean counts from ${minimumSamples}.`
    : `Mean publish latency is ${spoken(meanSeconds)} over the last ${window}; ${spoken(thresholdSeconds)} are agreed on ` +
      `(${plural(ideas, 'idea', 'ideas')}, ${inTime} of them in time).`;
  return {
    condition: 'publish-latency',
    verdicts: [
      {
        broken: !tooFew && meanSeconds > thresholdSeconds,
        severity: 'critical',
        summary: summaryOf(summary),
        figures: {
          ideas,
          ideas_in_time: inTime,
          threshold_seconds: thresholdSeconds,
          window_seconds: windowSeconds,
          ...(meanSeconds === null ? {} : { mean_seconds: Math.round(meanSeconds) }),
        },
      },
    ],
    otherwise: summaryOf(summary),
  };
}
