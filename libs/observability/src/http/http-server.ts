import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  defaultTextMapGetter,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { Logger } from '../logging/logger.js';
import { redactText } from '../logging/redaction.js';
import { histogramDefinition } from '../metrics/definitions.js';
import { Metrics } from '../metrics/metrics.js';
import type { HistogramInstrument } from '../metrics/metrics.js';
import { attributeNames, labelNames, logFields, metricNames } from '../semconv.js';
import { recordError, tracer } from '../tracing/span.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { httpPropagator, knownMethod } from './http-propagation.js';

const durationDefinition = histogramDefinition({
  name: metricNames.httpServerRequestDuration,
  help: 'Time from the arrival of a request until its answer is sent, in seconds.',
  labels: [labelNames.method, labelNames.route, labelNames.status],
  maxSeries: 500,
});

/** What the hooks use of Fastify; described here so that the library needs no HTTP adapter of its own. */
interface HookedRequest {
  readonly raw: object & { readonly httpVersion?: string };
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly routeOptions?: { readonly url?: string | undefined };
  readonly protocol?: string;
  readonly hostname?: string;
  readonly port?: number | null;
}

interface HookedReply {
  readonly statusCode: number;
}

type Done = () => void;

interface HookedServer {
  addHook(
    name: 'onRequest' | 'preValidation' | 'onResponse',
    hook: (request: HookedRequest, reply: HookedReply, done: Done) => void,
  ): unknown;
  addHook(
    name: 'onError',
    hook: (request: HookedRequest, reply: HookedReply, error: Error, done: Done) => void,
  ): unknown;
  addHook(name: 'onRequestAbort', hook: (request: HookedRequest, done: Done) => void): unknown;
}

interface RequestState {
  readonly active: Context;
  readonly span: Span;
  readonly startedAt: number;
  ended: boolean;
}

/**
 * One server span, one duration and one log line per request, by Fastify's own hooks. The probes and the scrape are left out:
 * they would be most of what a quiet service emits.
 */
@Injectable()
@NotTraced()
export class HttpServerTelemetry implements OnModuleInit {
  private readonly states = new WeakMap<object, RequestState>();
  private readonly duration: HistogramInstrument<'method' | 'route' | 'status'>;
  private installed = false;

  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.duration = metrics.histogram(durationDefinition);
    // As early as possible: a plugin that the application registers itself only inherits hooks that exist by then.
    this.install();
  }

  /** In a testing module the adapter comes after the providers. */
  onModuleInit(): void {
    this.install();
  }

  private install(): void {
    if (this.installed) return;
    const adapter: HttpAdapterHost['httpAdapter'] | undefined = this.adapterHost.httpAdapter;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- undefined in an application without HTTP, whatever the type says
    if (adapter?.getType() !== 'fastify') return;
    this.installed = true;
    const server = adapter.getInstance<HookedServer>();
    server.addHook('onRequest', (request, _reply, done) => this.begin(request, done));
    // A body arrives in the socket's own context: the handler is brought back into that of the request.
    server.addHook('preValidation', (request, _reply, done) => this.resume(request, done));
    server.addHook('onError', (request, _reply, error, done) => {
      const state = this.states.get(request.raw);
      if (state) recordError(state.span, error);
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      this.finish(request, reply.statusCode);
      done();
    });
    server.addHook('onRequestAbort', (request, done) => {
      this.finish(request, undefined);
      done();
    });
  }

  private begin(request: HookedRequest, done: Done): void {
    if (isOperational(request.url)) {
      done();
      return;
    }
    const incoming = httpPropagator().extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
    const method = knownMethod(request.method);
    const route = request.routeOptions?.url;
    const span = tracer().startSpan(
      route === undefined ? method : `${method} ${route}`,
      { kind: SpanKind.SERVER, attributes: samplingAttributes(request, method, route) },
      incoming,
    );
    if (span.isRecording()) span.setAttributes(requestAttributes(request, method));
    const active = trace.setSpan(incoming, span);
    this.states.set(request.raw, { active, span, startedAt: performance.now(), ended: false });
    context.with(active, done);
  }

  private resume(request: HookedRequest, done: Done): void {
    const state = this.states.get(request.raw);
    if (state) context.with(state.active, done);
    else done();
  }

  /** `status` is undefined when the client went away before there was an answer. */
  private finish(request: HookedRequest, status: number | undefined): void {
    const state = this.states.get(request.raw);
    if (!state || state.ended) return;
    state.ended = true;
    const seconds = (performance.now() - state.startedAt) / 1_000;
    const method = knownMethod(request.method);
    const route = request.routeOptions?.url ?? 'unmatched';
    this.endSpan(state.span, status);
    const labels = { method, route, status: status ?? 'aborted' };
    this.duration.observe(seconds, labels, validContext(state.span));
    if (this.logger.enabled('info'))
      context.with(state.active, () => this.writeLine(request, method, route, status, seconds));
  }

  private endSpan(span: Span, status: number | undefined): void {
    if (span.isRecording()) {
      if (status === undefined) {
        span.setAttribute(attributeNames.errorType, 'aborted');
      } else {
        span.setAttribute(attributeNames.httpResponseStatusCode, status);
        if (status >= 500) {
          span.setAttribute(attributeNames.errorType, String(status));
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
      }
    }
    span.end();
  }

  /** The path is the only text of the caller's, and it is redacted. */
  private writeLine(
    request: HookedRequest,
    method: string,
    route: string,
    status: number | undefined,
    seconds: number,
  ): void {
    this.logger.writeSafe('info', 'request', {
      [logFields.method]: method,
      [logFields.route]: route,
      [logFields.path]: pathOf(request.url),
      [logFields.status]: status ?? 'aborted',
      [logFields.durationMs]: Math.round(seconds * 1e5) / 100,
    });
  }
}

function validContext(span: Span) {
  const spanContext = span.spanContext();
  return isSpanContextValid(spanContext) ? spanContext : undefined;
}

/** `/metrics`, `/health` and everything below it. */
function isOperational(url: string): boolean {
  return /^\/(?:metrics|health)(?:[/?]|$)/.test(url);
}

/** Without the query: its values are the caller's data. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  return redactText(end < 0 ? url : url.slice(0, end)).slice(0, 512);
}

/** What a sampler may want to look at. */
function samplingAttributes(request: HookedRequest, method: string, route: string | undefined): Attributes {
  const attributes: Attributes = {
    [attributeNames.httpRequestMethod]: method,
    [attributeNames.urlPath]: pathOf(request.url),
  };
  if (route !== undefined) attributes[attributeNames.httpRoute] = route;
  return attributes;
}

function requestAttributes(request: HookedRequest, method: string): Attributes {
  const agent = request.headers['user-agent'];
  return {
    [attributeNames.urlScheme]: request.protocol ?? 'http',
    ...(method === request.method ? {} : { [attributeNames.httpRequestMethodOriginal]: request.method.slice(0, 32) }),
    ...(request.hostname === undefined ? {} : { [attributeNames.serverAddress]: request.hostname }),
    ...(typeof request.port === 'number' ? { [attributeNames.serverPort]: request.port } : {}),
    ...(typeof agent === 'string' ? { [attributeNames.userAgentOriginal]: redactText(agent.slice(0, 256)) } : {}),
    ...(request.raw.httpVersion === undefined
      ? {}
      : { [attributeNames.networkProtocolVersion]: request.raw.httpVersion }),
  };
}
