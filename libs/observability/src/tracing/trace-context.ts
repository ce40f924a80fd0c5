import {
  ROOT_CONTEXT,
  defaultTextMapGetter,
  defaultTextMapSetter,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import type { Context, Link } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { liveContext } from '../lifecycle/startup-context.js';

/** W3C context as plain strings, to be stored in rows and carried by events. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

// Rows and events hold W3C headers whatever OTEL_PROPAGATORS says about HTTP.
const w3c = new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] });

/** The propagator of stored contexts and of HTTP where no SDK is loaded. */
export function w3cPropagator(): CompositePropagator {
  return w3c;
}

/** The active context, or undefined outside of any trace. */
export function currentTraceContext(): TraceContext | undefined {
  const carrier: Record<string, string> = {};
  w3c.inject(liveContext(), carrier, defaultTextMapSetter);
  const { traceparent, tracestate, baggage } = carrier;
  if (traceparent === undefined) return undefined;
  return { traceparent, ...(tracestate ? { tracestate } : {}), ...(baggage ? { baggage } : {}) };
}

/** A context whose active span is the stored one; the root context when the stored one is unreadable. */
export function contextOf(stored: TraceContext): Context {
  return w3c.extract(ROOT_CONTEXT, { ...stored }, defaultTextMapGetter);
}

/** A span link to a stored context; undefined when it is unreadable. */
export function linkTo(stored: TraceContext): Link | undefined {
  const spanContext = trace.getSpanContext(contextOf(stored));
  return spanContext && isSpanContextValid(spanContext) ? { context: spanContext } : undefined;
}

/** The 32 hex digits of a stored context's trace; undefined when there is none or it is unreadable. */
export function traceIdOf(stored?: TraceContext): string | undefined {
  return stored && linkTo(stored)?.context.traceId;
}

/** The 32 hex digits of the active trace. */
export function currentTraceId(): string | undefined {
  const spanContext = trace.getSpanContext(liveContext());
  return spanContext && isSpanContextValid(spanContext) ? spanContext.traceId : undefined;
}
