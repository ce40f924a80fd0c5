import { trace } from '@opentelemetry/api';
import type {
  AnyValue,
  Attributes,
  Context,
  Span,
  SpanContext,
  SpanKind,
  SpanOptions,
  Tracer,
} from '@opentelemetry/api';
import { attributeNames } from '../../semconv.js';
import type { LocalRoot } from '../limits/local-root.js';
import { UnrecordedSpan } from '../limits/unrecorded-span.js';
import { FoldClock } from './fold-clock.js';
import { FoldedSpan } from './folded-span.js';

/** Failed siblings of one fold that are written as spans; further ones are only counted. */
export const MAX_KEPT_FAILURES = 10;

/** What a fold needs from where it is opened. */
export interface FoldOrigin {
  readonly tracer: Tracer;
  readonly root: LocalRoot;
  readonly kind: SpanKind;
  /** The context whose active span is the parent of all siblings. */
  readonly parent: Context;
}

/**
 * The span that stands for all further siblings of one name below one parent: from the first one's start to the last one's
 * end, with their count and summed duration. The slowest one and the failed ones are written as spans below it.
 */
export class Fold {
  readonly root: LocalRoot;
  readonly context: SpanContext;
  /** For what happens inside of a folded sibling. */
  readonly inside: UnrecordedSpan;
  private readonly common = new Map<string, AnyValue>();
  private count = 0;
  private running = 0;
  private sumMs = 0;
  private failures = 0;
  private keptFailures = 0;
  private lastEnd: number;
  private slowestMs = -1;
  private slowest: FoldedSpan | undefined;
  private parentEnded = false;
  private finished = false;

  private constructor(
    private readonly origin: FoldOrigin,
    private readonly span: Span,
    private readonly name: string,
    private readonly attributes: Attributes | undefined,
    readonly clock: FoldClock,
  ) {
    this.lastEnd = clock.openedAt;
    this.root = origin.root;
    this.context = span.spanContext();
    this.inside = new UnrecordedSpan(this.root, this.context, 'folded');
    for (const [key, value] of Object.entries(attributes ?? {})) if (value !== undefined) this.common.set(key, value);
  }

  /** Undefined when the sampler does not want it. There must be room for two spans: this one and the slowest. */
  static open(name: string, options: SpanOptions, origin: FoldOrigin): Fold | undefined {
    const clock = new FoldClock();
    const startTime = clock.instant(options.startTime ?? clock.openedAt);
    const span = origin.tracer.startSpan(name, { kind: origin.kind, startTime }, origin.parent);
    if (!span.isRecording()) return undefined;
    origin.root.take();
    return new Fold(origin, span, name, options.attributes, clock);
  }

  /** One sibling more has begun. */
  begin(options: SpanOptions): FoldedSpan {
    this.running++;
    this.keepCommon(options.attributes);
    return new FoldedSpan(this, options, this.name);
  }

  /** One sibling has ended. */
  ended(sibling: FoldedSpan): void {
    if (this.finished) {
      this.root.countUnrecorded('folded');
      return;
    }
    const durationMs = sibling.endedAt - sibling.startedAt;
    this.running--;
    this.count++;
    this.sumMs += durationMs;
    this.lastEnd = Math.max(this.lastEnd, sibling.endedAt);
    if (sibling.failed) this.failures++;
    const written = sibling.hasPlace && this.writePromised(sibling, 'failed');
    if (durationMs > this.slowestMs) {
      if (this.slowest) this.root.countUnrecorded('folded');
      this.slowestMs = durationMs;
      this.slowest = written ? undefined : sibling;
    } else if (!written) this.root.countUnrecorded('folded');
    if (this.parentEnded && this.running === 0) this.finish();
  }

  /** The parent has ended: the fold ends when nothing of it runs any more. */
  close(): void {
    this.parentEnded = true;
    if (this.running === 0) this.finish();
    else this.root.rules.waiting.add(this);
  }

  /** Writes what has ended by now; what still runs is counted as folded, and by no span. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.root.rules.waiting.delete(this);
    if (this.slowest && !this.writePromised(this.slowest, 'slowest')) this.root.countUnrecorded('folded');
    else if (!this.slowest) this.root.giveBack();
    this.slowest = undefined;
    for (const [key, value] of this.common) this.span.setAttribute(key, value);
    this.span.setAttribute(attributeNames.foldCount, this.count);
    // To the microsecond: a fraction of sixteen digits can look like the number of a card to whoever cleans spans.
    this.span.setAttribute(attributeNames.foldDuration, Math.round(this.sumMs * 1_000) / 1e6);
    this.span.setAttribute(attributeNames.foldFailed, this.failures);
    this.span.end(this.clock.instant(this.lastEnd));
  }

  /** A place for a failed sibling, as long as there are any; it counts as a span of the trace from now on. */
  promisePlace(): boolean {
    if (this.finished || this.keptFailures >= MAX_KEPT_FAILURES || !this.root.hasRoomFor(1)) return false;
    this.keptFailures++;
    this.root.take();
    return true;
  }

  private keepCommon(attributes: Attributes | undefined): void {
    if (attributes === this.attributes) return;
    for (const [key, value] of this.common) if (attributes?.[key] !== value) this.common.delete(key);
  }

  private writePromised(sibling: FoldedSpan, kept: 'slowest' | 'failed'): boolean {
    this.root.giveBack();
    const { name, options } = sibling.describeStart();
    const span = this.origin.tracer.startSpan(
      name,
      { ...options, root: false, kind: this.origin.kind, startTime: this.clock.instant(sibling.startedAt) },
      trace.setSpan(this.origin.parent, this.span),
    );
    if (!span.isRecording()) return false;
    sibling.describe(span);
    span.setAttribute(attributeNames.foldKept, kept);
    span.end(this.clock.instant(sibling.endedAt));
    return true;
  }
}
