import { ROOT_CONTEXT, SpanStatusCode, context, trace } from '@opentelemetry/api';
import type { Attributes, Context, Link, Span, SpanKind, Tracer } from '@opentelemetry/api';
import { isExpected, normalizeError } from '../errors/service-error.js';
import { redactText } from '../logging/redaction.js';
import { attributeNames } from '../semconv.js';
import { contextOf } from './trace-context.js';
import type { TraceContext } from './trace-context.js';

const SCOPE = '@signalpress/observability';

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly links?: Link[];
  /** Begins a new trace, whatever is active. */
  readonly root?: boolean;
  /** A stored context to continue instead of the active one. */
  readonly parent?: TraceContext;
}

/** Asked for each time: a tracer that was kept would stay with the provider of its first use. */
export function tracer(): Tracer {
  return trace.getTracer(SCOPE);
}

/**
 * Runs `fn` inside of a new active span that ends once: when `fn` returns, or when what it returned settles. An error is
 * recorded and thrown again.
 */
export function withSpan<T>(name: string, attributes: Attributes, fn: (span: Span) => T, options: SpanOptions = {}): T {
  const base = baseContext(options);
  const span = tracer().startSpan(
    name,
    {
      attributes,
      ...(options.kind === undefined ? {} : { kind: options.kind }),
      ...(options.links ? { links: options.links } : {}),
      ...(options.root === undefined ? {} : { root: options.root }),
    },
    base,
  );
  return runInSpan(span, trace.setSpan(base, span), () => fn(span));
}

function baseContext(options: SpanOptions): Context {
  if (options.parent) return contextOf(options.parent);
  return options.root ? ROOT_CONTEXT : context.active();
}

/** Runs `fn` with the span active and ends the span once. */
export function runInSpan<T>(span: Span, active: Context, fn: () => T): T {
  let result: T;
  try {
    result = context.with(active, fn);
  } catch (error) {
    failSpan(span, error);
    throw error;
  }
  if (!isThenable(result)) {
    span.end();
    return result;
  }
  // What is returned is the thenable's own continuation: a subclass of Promise stays one.
  return result.then(
    (value: unknown) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      failSpan(span, error);
      throw error;
    },
  ) as T;
}

/** A promise, or anything that behaves like one (query builders do). */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Records the error and ends the span. */
export function failSpan(span: Span, error: unknown): void {
  recordError(span, error);
  span.end();
}

/** Errors that some span already holds: the innermost one that saw it. Keyed by the error itself, so nothing is kept alive. */
const recorded = new WeakSet();

/**
 * The exception event goes to the first span that sees the error; spans further out only get their status. Expected errors
 * (answers, such as a 404) leave the status alone. Message and stack are redacted.
 */
export function recordError(span: Span, thrown: unknown): void {
  if (!span.isRecording()) return;
  const error = normalizeError(thrown);
  const message = redactText(error.message);
  const type = errorType(error);
  if (!(typeof thrown === 'object' && thrown !== null && recorded.has(thrown))) {
    span.recordException({ name: type, message, stack: redactText(error.stack ?? '') });
    if (typeof thrown === 'object' && thrown !== null) recorded.add(thrown);
  }
  span.setAttribute(attributeNames.errorType, type);
  if (!isExpected(thrown)) span.setStatus({ code: SpanStatusCode.ERROR, message });
}

function errorType(error: Error): string {
  return error.name !== 'Error' && error.name !== '' ? error.name : error.constructor.name || 'Error';
}

/** Sets attributes on the active span; does nothing without one. */
export function setSpanAttributes(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}
