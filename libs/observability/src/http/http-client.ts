import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { SpanKind, SpanStatusCode, context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Attributes, Span, TextMapSetter } from '@opentelemetry/api';
import { redactText } from '../logging/redaction.js';
import { attributeNames } from '../semconv.js';
import { recordError, tracer } from '../tracing/span.js';
import { httpPropagator, knownMethod } from './http-propagation.js';

/** The part of undici's request that its diagnostics channels document. Header pairs are a flat list, or one text in old versions. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  headers: string | (string | string[])[];
  addHeader(name: string, value: string): unknown;
}

/**
 * Spans and `traceparent` for every request of `fetch` and undici, by the channels that both publish on: no module is patched, so
 * the order of imports does not matter. Requests of `node:http` are not seen.
 *
 * @returns a function that ends it.
 */
export function traceHttpClient(): () => void {
  const spans = new WeakMap<object, Span>();
  const handlers: Readonly<Record<string, (message: unknown) => void>> = {
    'undici:request:create': (message) => {
      const request = requestOf(message);
      if (request) begin(request, spans);
    },
    'undici:request:headers': (message) => {
      const span = spanOf(message, spans);
      const status = statusOf(message);
      if (!span || status === undefined) return;
      span.setAttribute(attributeNames.httpResponseStatusCode, status);
      if (status >= 400) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute(attributeNames.errorType, String(status));
      }
    },
    'undici:request:trailers': (message) => spanOf(message, spans)?.end(),
    'undici:request:error': (message) => {
      const span = spanOf(message, spans);
      if (!span) return;
      recordError(
        span,
        typeof message === 'object' && message !== null && 'error' in message ? message.error : undefined,
      );
      span.end();
    },
  };
  for (const [channel, handler] of Object.entries(handlers)) subscribe(channel, handler);
  return () => {
    for (const [channel, handler] of Object.entries(handlers)) unsubscribe(channel, handler);
  };
}

/** A span only where there is a trace to belong to; the header wherever there is a context to hand on. */
function begin(request: UndiciRequest, spans: WeakMap<object, Span>): void {
  const active = context.active();
  const parent = trace.getSpanContext(active);
  if (!parent || !isSpanContextValid(parent)) return;
  const method = knownMethod(request.method);
  let carrying = active;
  if (trace.getSpan(active)?.isRecording()) {
    const span = tracer().startSpan(
      method,
      { kind: SpanKind.CLIENT, attributes: requestAttributes(request, method) },
      active,
    );
    spans.set(request, span);
    carrying = trace.setSpan(active, span);
  }
  const propagator = httpPropagator();
  dropHeaders(request, propagator.fields());
  propagator.inject(carrying, request, requestSetter);
}

const requestSetter: TextMapSetter<UndiciRequest> = {
  set: (request, name, value) => {
    request.addHeader(name, value);
  },
};

function requestAttributes(request: UndiciRequest, method: string): Attributes {
  const url = URL.parse(`${String(request.origin)}${request.path}`);
  return {
    [attributeNames.httpRequestMethod]: method,
    ...(method === request.method ? {} : { [attributeNames.httpRequestMethodOriginal]: request.method.slice(0, 32) }),
    ...(url
      ? {
          [attributeNames.urlFull]: safeUrl(url),
          [attributeNames.serverAddress]: url.hostname,
          [attributeNames.serverPort]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
        }
      : {}),
  };
}

/** The query goes: its values are the caller's data, and services put keys there. */
function safeUrl(url: URL): string {
  return redactText(`${url.origin}${url.pathname}${url.search === '' ? '' : '?[redacted]'}`);
}

/** A proxy hands its caller's headers on; two `traceparent` would be none. */
function dropHeaders(request: UndiciRequest, names: readonly string[]): void {
  if (!Array.isArray(request.headers)) return;
  const kept: (string | string[])[] = [];
  for (let index = 0; index < request.headers.length; index += 2) {
    const name = request.headers[index];
    const value = request.headers[index + 1];
    if (name === undefined || value === undefined) continue;
    if (typeof name === 'string' && names.includes(name.toLowerCase())) continue;
    kept.push(name, value);
  }
  request.headers = kept;
}

function requestOf(message: unknown): UndiciRequest | undefined {
  if (typeof message !== 'object' || message === null || !('request' in message)) return undefined;
  const { request } = message;
  return isUndiciRequest(request) ? request : undefined;
}

function isUndiciRequest(value: unknown): value is UndiciRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    'method' in value &&
    'addHeader' in value &&
    typeof value.addHeader === 'function'
  );
}

function spanOf(message: unknown, spans: WeakMap<object, Span>): Span | undefined {
  const request = requestOf(message);
  return request && spans.get(request);
}

function statusOf(message: unknown): number | undefined {
  if (typeof message !== 'object' || message === null || !('response' in message)) return undefined;
  const { response } = message;
  if (typeof response !== 'object' || response === null || !('statusCode' in response)) return undefined;
  return typeof response.statusCode === 'number' ? response.statusCode : undefined;
}
