import { WaitingFolds } from '../folding/waiting-folds.js';
import type { DroppedSpans } from './local-root.js';

/** How much one local root may record. */
export interface SpanLimits {
  /**
   * Equal siblings (same name and kind below the same span) that get a span each; further ones fold into one. Default: 10.
   * `false`: nothing folds.
   */
  readonly siblings?: number | false;
  /** Spans below one local root, itself included, that this process records. Default: 1,000. `false`: no limit. */
  readonly spansPerTrace?: number | false;
}

/** Limits as numbers, and what all local roots of one process share. */
export interface SpanRules {
  readonly siblings: number;
  readonly spansPerTrace: number;
  readonly drops: DroppedSpans | undefined;
  readonly waiting: WaitingFolds;
}

const DEFAULT_SIBLINGS = 10;
const DEFAULT_SPANS_PER_TRACE = 1_000;

/** @throws RangeError when a limit is no whole number of at least 1. */
export function spanRules(limits: SpanLimits, drops?: DroppedSpans): SpanRules {
  return Object.freeze({
    siblings: limitOf('siblings', limits.siblings ?? DEFAULT_SIBLINGS),
    spansPerTrace: limitOf('spansPerTrace', limits.spansPerTrace ?? DEFAULT_SPANS_PER_TRACE),
    drops,
    waiting: new WaitingFolds(),
  });
}

function limitOf(name: string, value: number | false): number {
  if (value === false) return Infinity;
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`limits.${name} must be false or a whole number of at least 1, not ${value}`);
}
