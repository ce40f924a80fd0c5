import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import type {
  Attributes,
  Context,
  Link,
  SpanOptions as OtelSpanOptions,
  Span,
  SpanKind,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api';
import { liveContext } from '../lifecycle/startup-context.js';
import { withActiveSpan } from './active-span.js';
import { startSpanBelow } from './limits/limited-span.js';
import { passesThrough } from './pass-through-tracer.js';
import { failSpan } from './span-error.js';
import { endWithResult } from './span-result.js';
import { contextOf } from './trace-context.js';
import type { TraceContext } from './trace-context.js';

export { failSpan, isMeasured, recordError } from './span-error.js';

const SCOPE = '@signalpress/observability';

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly links?: Link[];
  /** Begins a new trace, whatever is active. */
  readonly root?: boolean;
  /** A stored context to continue instead of the active one. */
  readonly parent?: TraceContext;
}

const NO_OPTIONS: SpanOptions = Object.freeze({});

/** By the provider that is registered: each makes a key of text for every question. */
const tracers = new WeakMap<TracerProvider, Tracer>();

/** Asked for each time: a tracer that was kept would stay with the provider of its first use. */
export function tracer(): Tracer {
  const provider = registeredProvider();
  let known = tracers.get(provider);
  if (known === undefined) {
    known = provider.getTracer(SCOPE);
    tracers.set(provider, known);
  }
  return known;
}

/** The API hands out a proxy that outlives the providers behind it. */
export function registeredProvider(): TracerProvider {
  const provider: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
  return provider.getDelegate?.() ?? provider;
}

/**
 * The one place where the library opens a span. Below a recorded span of this process it may be one that records nothing: folded
 * into its equal siblings, or beyond the limit of its trace. Its `spanContext()` is then that of the span that stands for it.
 */
export function openSpan(name: string, options: OtelSpanOptions, parent: Context): Span {
  const above = options.root ? undefined : trace.getSpan(parent);
  return above === undefined
    ? tracer().startSpan(name, options, parent)
    : startSpanBelow(above, tracer(), name, options, parent);
}

/**
 * Runs `fn` inside of a new active span that ends once: when `fn` returns, when the promise or thenable it returned settles, or
 * when the observable or iteration it returned is over. An error is recorded and thrown again.
 */
export function withSpan<T>(
  name: string,
  attributes: Attributes,
  fn: (span: Span) => T,
  options: SpanOptions = NO_OPTIONS,
): T {
  const base = baseContext(options);
  const span = openSpan(name, openOptions(attributes, options), base);
  return runInSpan(span, withActiveSpan(base, span), fn);
}

/** A span whose end its holder decides. */
export interface HeldSpan {
  /** Runs `fn` with the span active; its result and its errors are the caller's. */
  run<T>(fn: () => T): T;
  addEvent(name: string): void;
  end(): void;
  /** Ends it with the error. */
  fail(error: unknown): void;
}

/**
 * For work of which nobody knows what became of it when it returns, such as one event in a transaction of many. Whoever holds the
 * span has to end it, once. For all else there is `withSpan`.
 *
 * @param attributes is asked only where spans are exported
 */
export function holdSpan(name: string, attributes: () => Attributes, options: SpanOptions = NO_OPTIONS): HeldSpan {
  const base = baseContext(options);
  const described = passesThrough(tracer()) ? undefined : attributes();
  const span = openSpan(name, openOptions(described, options), base);
  return new Held(span, withActiveSpan(base, span));
}

class Held implements HeldSpan {
  constructor(
    private readonly span: Span,
    private readonly inside: Context,
  ) {}

  run<T>(fn: () => T): T {
    return context.with(this.inside, fn);
  }

  addEvent(name: string): void {
    this.span.addEvent(name);
  }

  end(): void {
    this.span.end();
  }

  fail(error: unknown): void {
    failSpan(this.span, error);
  }
}

function openOptions(attributes: Attributes | undefined, { kind, links, root }: SpanOptions): OtelSpanOptions {
  const opened: OtelSpanOptions = {};
  if (attributes !== undefined) opened.attributes = attributes;
  if (kind !== undefined) opened.kind = kind;
  if (links !== undefined) opened.links = links;
  if (root !== undefined) opened.root = root;
  return opened;
}

function baseContext(options: SpanOptions): Context {
  if (options.parent) return contextOf(options.parent);
  return options.root ? ROOT_CONTEXT : liveContext();
}

/** Runs `fn` with the span active and ends the span once, with its result. */
export function runInSpan<T>(span: Span, active: Context, fn: (span: Span) => T): T {
  let result: T;
  try {
    result = context.with(active, fn, undefined, span);
  } catch (error) {
    failSpan(span, error);
    throw error;
  }
  return endWithResult(span, active, result) as T;
}

/** Sets attributes on the active span; does nothing without one. */
export function setSpanAttributes(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}
