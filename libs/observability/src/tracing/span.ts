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
  const opened: OtelSpanOptions = { attributes };
  if (options.kind !== undefined) opened.kind = options.kind;
  if (options.links !== undefined) opened.links = options.links;
  if (options.root !== undefined) opened.root = options.root;
  const span = openSpan(name, opened, base);
  return runInSpan(span, withActiveSpan(base, span), fn);
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
