import { SpanStatusCode } from '@opentelemetry/api';
import type {
  AnyValue,
  Attributes,
  Exception,
  Link,
  Span,
  SpanOptions,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';
import { StandInSpan } from '../limits/unrecorded-span.js';
import type { Fold } from './fold.js';

/** Attributes set while it runs that a folded span holds; beyond it they are lost. */
const MAX_HELD_ATTRIBUTES = 128;

/**
 * One of many equal siblings: counted by its fold, and not recorded, so nothing below it is. It holds what it is given until it
 * ends, because it may turn out to be the slowest one or a failed one, which are written as spans after all.
 */
export class FoldedSpan extends StandInSpan {
  /** Moments are those of `performance.now()`. */
  readonly startedAt: number;
  endedAt = 0;
  private name: string;
  private held: Attributes | undefined;
  private heldCount = 0;
  private links: Link[] | undefined;
  private status: SpanStatus | undefined;
  private exception: { readonly thrown: Exception; readonly at: TimeInput } | undefined;
  private threw = false;
  private promised = false;
  private ended = false;

  constructor(
    private readonly fold: Fold,
    private readonly options: SpanOptions,
    name: string,
  ) {
    super(fold.root, fold.context);
    this.name = name;
    this.startedAt = options.startTime === undefined ? performance.now() : fold.clock.moment(options.startTime);
  }

  below(): Span {
    return this.fold.inside.below();
  }

  /** Whether it ended with an error, expected or not. */
  get failed(): boolean {
    return this.threw || this.status?.code === SpanStatusCode.ERROR;
  }

  /** Whether the fold has promised a span of its own for its failure. */
  get hasPlace(): boolean {
    return this.promised;
  }

  /**
   * Says that it fails, and whether it will be written as a span that can hold the error. If not, a span further out has to.
   */
  holdsError(): boolean {
    this.threw = true;
    return this.askForPlace();
  }

  /** @returns whether there is a place among the kept failures. */
  askForPlace(): boolean {
    if (!this.promised && !this.ended) this.promised = this.fold.promisePlace();
    return this.promised;
  }

  setAttribute(key: string, value: AnyValue): this {
    if (this.ended || this.heldCount >= MAX_HELD_ATTRIBUTES) return this;
    this.held ??= {};
    this.held[key] = value;
    this.heldCount++;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) this.setAttribute(key, value);
    return this;
  }

  /** Events are not held: a fold says how often and how long, not what happened in each. */
  addEvent(): this {
    return this;
  }

  addLink(link: Link): this {
    if (!this.ended) (this.links ??= []).push(link);
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (!this.ended) this.status = status;
    return this;
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name;
    return this;
  }

  recordException(thrown: Exception, at: TimeInput = performance.now()): void {
    this.threw = true;
    this.exception ??= { thrown, at };
  }

  end(endTime?: TimeInput): void {
    if (this.ended) return;
    this.endedAt = Math.max(
      this.startedAt,
      endTime === undefined ? performance.now() : this.fold.clock.moment(endTime),
    );
    if (this.failed) this.askForPlace();
    this.ended = true;
    this.fold.ended(this);
  }

  /** What a span written in its place begins with. */
  describeStart(): { readonly name: string; readonly options: SpanOptions } {
    return { name: this.name, options: this.options };
  }

  /** Hands everything held to the span that is written in its place. */
  describe(span: Span): void {
    if (this.held) span.setAttributes(this.held);
    if (this.links) span.addLinks(this.links);
    if (this.status) span.setStatus(this.status);
    if (this.exception) span.recordException(this.exception.thrown, this.fold.clock.instant(this.exception.at));
  }
}
