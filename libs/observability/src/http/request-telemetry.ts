import {
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  defaultTextMapGetter,
} from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Logger } from '../logging/logger.js';
import { redactText } from '../logging/redaction.js';
import { attributeNames, logFields } from '../semconv.js';
import { withActiveSpan } from '../tracing/active-span.js';
import { isSwitchedOff, passesThrough } from '../tracing/pass-through-tracer.js';
import { openSpan, registeredProvider, tracer } from '../tracing/span.js';
import { HeaderDescriptions } from './header-descriptions.js';
import { httpPropagator } from './http-propagation.js';
import { pathOf } from './ignored-routes.js';
import { RouteTelemetries } from './route-telemetry.js';
import type { DurationHistogram, RouteTelemetry } from './route-telemetry.js';

/** What the requests of both adapters have. The getters of Fastify and Express know about trusted proxies. */
export interface IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly protocol?: string | undefined;
  readonly host?: string | undefined;
}

const STATE = Symbol('@signalpress/observability:request');

/** What the raw responses of both adapters are. */
export interface OutgoingResponse {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  readonly req?: { readonly httpVersion?: string } | undefined;
  on(event: 'finish' | 'close', listener: (this: OutgoingResponse) => void): unknown;
  /** On the response itself: a WeakMap would cost more than the rest of this. */
  [STATE]?: RequestState;
}

interface RequestState {
  readonly telemetry: RequestTelemetry;
  readonly request: IncomingRequest;
  /** As it came; Express cuts `request.url` while it routes. */
  readonly url: string;
  readonly span: Span;
  readonly startedAt: number;
  readonly path: string;
  route: RouteTelemetry | undefined;
  ended: boolean;
}

export interface RequestSignals {
  readonly ignored: (url: string) => boolean;
  /** Without one, durations are not measured. */
  readonly duration: DurationHistogram | undefined;
  /** Without one, no request line is written. */
  readonly logger: Logger | undefined;
  /** The template of the route that takes the request; undefined when none does. */
  readonly routeOf: (request: IncomingRequest) => string | undefined;
  /** Whether the route is known when the request arrives, and not only once it has been taken. */
  readonly routesFirst: boolean;
}

const LONGEST_PATH = 512;
const LONGEST_METHOD = 32;
/** The status of a request whose caller went away before its answer was sent. */
const ABORTED = 'aborted';

/** Below a request that is left out nothing begins a trace of its own. */
const LEFT_OUT: Context = suppressTracing(ROOT_CONTEXT);

/** One server span, one duration and one line per request, whichever adapter it came by. */
export class RequestTelemetry {
  private readonly routes = new RouteTelemetries();
  private readonly headers = new HeaderDescriptions();
  /** Asked for once: propagators are configured before anything is served. */
  private propagationFields: readonly string[] | undefined;

  constructor(private readonly signals: RequestSignals) {}

  /** Runs `next` in the context of the request. */
  run(request: IncomingRequest, response: OutgoingResponse, next: () => void): void {
    const { routesFirst, routeOf, ignored } = this.signals;
    if (ignored(request.url)) {
      context.with(LEFT_OUT, next);
      return;
    }
    const incoming = this.incoming(request);
    if (this.isSilent()) {
      runSilently(request, incoming, next);
      return;
    }
    const route = this.routes.of(request.method, routesFirst ? routeOf(request) : undefined);
    const path = safePath(request.url, route);
    const span = openSpan(
      route.spanName,
      { kind: SpanKind.SERVER, attributes: samplingAttributes(route, path) },
      incoming,
    );
    if (span.isRecording()) this.describe(span, request, route, response);
    response[STATE] = {
      telemetry: this,
      request,
      url: request.url,
      span,
      startedAt: performance.now(),
      path,
      route: routesFirst ? route : undefined,
      ended: false,
    };
    // The first comes for every answer that was sent, the second for a caller that went away.
    response.on('finish', onFinish);
    response.on('close', onClose);
    context.with(withActiveSpan(incoming, span), next);
  }

  /** The span of a request whose answer is not sent yet. */
  spanOf(response: OutgoingResponse): Span | undefined {
    const state = response[STATE];
    return state && !state.ended ? state.span : undefined;
  }

  /** Ends what was begun, once. */
  finish(state: RequestState, status: number | typeof ABORTED): void {
    state.ended = true;
    const { span } = state;
    const route = state.route ?? this.routes.of(state.request.method, this.signals.routeOf(state.request));
    const { duration, logger } = this.signals;
    const seconds = duration || logger ? (performance.now() - state.startedAt) / 1_000 : 0;
    // Exemplars lead to a trace that exists. Asking a span that is not recorded for its ids would have it make some.
    let exemplarOf = INVALID_SPAN_CONTEXT;
    if (span.isRecording()) {
      exemplarOf = span.spanContext();
      if (!state.route && route.template !== undefined) {
        span.updateName(route.spanName);
        span.setAttribute(attributeNames.httpRoute, route.template);
      }
      describeAnswer(span, status);
    }
    span.end();
    if (duration) route.observe(duration, seconds, status, exemplarOf);
    if (logger?.enabled('info')) writeLine(logger, state, route, status, seconds);
  }

  private incoming(request: IncomingRequest): Context {
    const { headers } = request;
    // Most requests bring none of them, and looking for them is the smaller part of extracting nothing.
    this.propagationFields ??= httpPropagator().fields();
    for (const field of this.propagationFields) {
      if (headers[field] !== undefined) return httpPropagator().extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    }
    return ROOT_CONTEXT;
  }

  /** Nothing is told about requests, so only their context is kept. */
  private isSilent(): boolean {
    const { duration, logger } = this.signals;
    return duration === undefined && logger === undefined && passesThrough(tracer());
  }

  private describe(span: Span, request: IncomingRequest, route: RouteTelemetry, response: OutgoingResponse): void {
    span.setAttribute(attributeNames.urlScheme, request.protocol ?? 'http');
    const { address, port } = this.headers.server(request.host ?? '');
    if (address !== undefined) span.setAttribute(attributeNames.serverAddress, address);
    if (port !== undefined) span.setAttribute(attributeNames.serverPort, port);
    const agent = request.headers['user-agent'];
    if (typeof agent === 'string') span.setAttribute(attributeNames.userAgentOriginal, this.headers.userAgent(agent));
    const version = response.req?.httpVersion;
    if (version !== undefined) span.setAttribute(attributeNames.networkProtocolVersion, version);
    if (route.method !== request.method)
      span.setAttribute(attributeNames.httpRequestMethodOriginal, request.method.slice(0, LONGEST_METHOD));
  }
}

/** Switched off, a request without a context gets none: every promise and timer of it would carry it along. */
function runSilently(request: IncomingRequest, incoming: Context, next: () => void): void {
  if (!isSwitchedOff(registeredProvider()))
    context.with(withActiveSpan(incoming, openSpan(request.method, { kind: SpanKind.SERVER }, incoming)), next);
  else if (incoming === ROOT_CONTEXT) next();
  else context.with(incoming, next);
}

// Shared by all responses: listeners of its own for each would be closures per request.
function onFinish(this: OutgoingResponse): void {
  const state = this[STATE];
  if (state && !state.ended) state.telemetry.finish(state, this.statusCode);
}

function onClose(this: OutgoingResponse): void {
  const state = this[STATE];
  if (state && !state.ended) state.telemetry.finish(state, this.writableFinished ? this.statusCode : ABORTED);
}

function describeAnswer(span: Span, status: number | typeof ABORTED): void {
  if (status === ABORTED) {
    span.setAttribute(attributeNames.errorType, ABORTED);
    return;
  }
  span.setAttribute(attributeNames.httpResponseStatusCode, status);
  if (status < 500) return;
  span.setAttribute(attributeNames.errorType, String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function writeLine(
  logger: Logger,
  state: RequestState,
  route: RouteTelemetry,
  status: number | string,
  seconds: number,
): void {
  logger.writeSafe(
    'info',
    'request',
    {
      [logFields.method]: route.method,
      [logFields.route]: route.label,
      [logFields.path]: state.path,
      [logFields.status]: status,
      [logFields.durationMs]: Math.round(seconds * 1e5) / 100,
    },
    state.span,
  );
}

/** The caller's text, so it is redacted, unless it is a route as it stands in the code; without the query: its values are data. */
function safePath(url: string, route: RouteTelemetry): string {
  const path = pathOf(url);
  return path === route.template ? path : redactText(path).slice(0, LONGEST_PATH);
}

/** What a sampler may want to look at. */
function samplingAttributes(route: RouteTelemetry, path: string): Attributes {
  return route.template === undefined
    ? { [attributeNames.httpRequestMethod]: route.method, [attributeNames.urlPath]: path }
    : {
        [attributeNames.httpRequestMethod]: route.method,
        [attributeNames.urlPath]: path,
        [attributeNames.httpRoute]: route.template,
      };
}
