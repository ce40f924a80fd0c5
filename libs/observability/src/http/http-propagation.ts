import { propagation } from '@opentelemetry/api';
import type { Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import { w3cPropagator } from '../tracing/trace-context.js';

interface HttpPropagator {
  inject<C>(context: Context, carrier: C, setter: TextMapSetter<C>): void;
  extract<C>(context: Context, carrier: C, getter: TextMapGetter<C>): Context;
  fields(): string[];
}

/** The propagator that was configured (OTEL_PROPAGATORS), else W3C. */
export function httpPropagator(): HttpPropagator {
  return propagation.fields().length > 0 ? propagation : w3cPropagator();
}

const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** A method that the conventions know, else `_OTHER`: what a caller invents must not become a label. */
export function knownMethod(method: string): string {
  return KNOWN_METHODS.has(method) ? method : '_OTHER';
}
