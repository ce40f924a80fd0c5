import { collectSpans } from '@signalpress/testing';
import type { DecodedSpan, SpanCollection } from '@signalpress/testing';
import { SpanStatistics } from '../../src/tracing/export/span-statistics.js';
import { limitSpans } from '../../src/tracing/limits/span-limits-processor.js';
import type { SpanLimits } from '../../src/tracing/limits/span-limits.js';

export interface LimitedSpans extends SpanCollection {
  named(name: string): DecodedSpan[];
  /** The one span of that name that stands for others. */
  fold(name: string): DecodedSpan;
  /** What the end of the process does to folds that still wait for work of theirs. */
  giveUp(): Promise<void>;
  /** What was counted as not exported. */
  dropped(reason: 'folded' | 'trace-limit'): number;
}

export const foldNames = {
  count: 'signalpress.fold.count',
  duration: 'signalpress.fold.duration',
  failed: 'signalpress.fold.failed',
  kept: 'signalpress.fold.kept',
} as const;

export const isFold = (span: DecodedSpan): boolean => foldNames.count in span.attributes;
export const isKept = (span: DecodedSpan): boolean => foldNames.kept in span.attributes;

/** Spans in memory, of a provider with limits. */
export function collectLimitedSpans(limits: SpanLimits = {}): LimitedSpans {
  const statistics = new SpanStatistics();
  const limiting = limitSpans(limits, statistics);
  const collection = collectSpans([limiting]);
  return {
    ...collection,
    named: (name) => collection.spans().filter((span) => span.name === name),
    fold: (name) => {
      const folds = collection.spans().filter((span) => span.name === name && isFold(span));
      const [fold] = folds;
      if (!fold || folds.length > 1) throw new Error(`${folds.length} folds of ${name}`);
      return fold;
    },
    giveUp: () => limiting.shutdown(),
    dropped: (reason) => statistics.drops.get(reason) ?? 0,
  };
}
