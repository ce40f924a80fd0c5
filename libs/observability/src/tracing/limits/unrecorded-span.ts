import type {
  AnyValue,
  Attributes,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';
import type { LocalRoot, UnrecordedReason } from './local-root.js';

/**
 * A span that records nothing. Its context is that of an exported span which stands for it: what leaves the process or is
 * written to a log points to a span that exists.
 */
export abstract class StandInSpan implements Span {
  constructor(
    readonly root: LocalRoot,
    private readonly standsIn: SpanContext,
  ) {}

  /** What a call below this one gets instead of a span; counts it. */
  abstract below(): Span;

  spanContext(): SpanContext {
    return this.standsIn;
  }

  isRecording(): boolean {
    return false;
  }

  abstract setAttribute(key: string, value: AnyValue): this;
  abstract setAttributes(attributes: Attributes): this;
  abstract addEvent(name: string): this;
  abstract addLink(link: Link): this;
  abstract addLinks(links: Link[]): this;
  abstract setStatus(status: SpanStatus): this;
  abstract updateName(name: string): this;
  abstract recordException(exception: Exception, at?: TimeInput): void;
  abstract end(endTime?: TimeInput): void;
}

/** Stands for calls beyond the limit per trace, and for those below a folded one. Without a state of its own: many share one. */
export class UnrecordedSpan extends StandInSpan {
  constructor(
    root: LocalRoot,
    standsIn: SpanContext,
    private readonly reason: UnrecordedReason,
  ) {
    super(root, standsIn);
  }

  below(): Span {
    this.root.countUnrecorded(this.reason);
    return this;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  recordException(): void {
    // The span further out that records holds it.
  }

  end(): void {
    // Nothing has begun.
  }
}
