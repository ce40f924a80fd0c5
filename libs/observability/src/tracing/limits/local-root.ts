import type { SpanRules } from './span-limits.js';

/** Counts what is not exported; `SpanStatistics` does. */
export interface DroppedSpans {
  dropped(reason: 'trace-limit' | 'folded', count?: number): void;
}

/** Why a call has no span of its own. */
export type UnrecordedReason = 'trace-limit' | 'folded';

/** What one local root (the first span of a trace in this process) has recorded, and what not. */
export class LocalRoot {
  /** Spans started, and those that folds have been promised. */
  private taken = 0;
  private limited = 0;

  constructor(
    readonly spanId: string,
    readonly rules: SpanRules,
  ) {}

  /** Calls that got no span because of the limit per trace. */
  get dropped(): number {
    return this.limited;
  }

  hasRoomFor(spans: number): boolean {
    return this.taken + spans <= this.rules.spansPerTrace;
  }

  /** One span more; `giveBack` undoes it where the span was only promised. */
  take(): void {
    this.taken++;
  }

  giveBack(): void {
    this.taken--;
  }

  /** A call without a span of its own that nothing exported stands for alone. */
  countUnrecorded(reason: UnrecordedReason): void {
    if (reason === 'trace-limit') this.limited++;
    this.rules.drops?.dropped(reason);
  }
}
