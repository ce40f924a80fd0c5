import type { TimeInput } from '@opentelemetry/api';
import { hrTimeToMilliseconds, timeInputToHrTime } from '@opentelemetry/core';

/** One clock for a fold and all its siblings: whatever the clock of the machine does meanwhile, none lies outside of the fold. */
export class FoldClock {
  private readonly epochMs = Date.now();
  readonly openedAt = performance.now();

  /** A given time as one of `performance.now()`. */
  moment(time: TimeInput): number {
    if (typeof time === 'number' && time <= performance.now()) return time;
    return hrTimeToMilliseconds(timeInputToHrTime(time)) - this.epochMs + this.openedAt;
  }

  /** A time as milliseconds of the epoch. */
  instant(time: TimeInput): number {
    return this.epochMs + this.moment(time) - this.openedAt;
  }
}
