import { SpanKind, SpanStatusCode, context, diag, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { redactText } from '../logging/redaction.js';
import { attributeNames } from '../semconv.js';
import { recordError } from '../tracing/span-error.js';
import { isMeasured, openSpan } from '../tracing/span.js';
import { httpPropagator, knownMethod } from './http-propagation.js';

export interface HttpClientTracing {
  /**
   * Which requests carry the trace and its baggage. The others have a span and no header of ours. Default: all. A function that
   * throws says no.
   */
  readonly propagateTo?: (url: URL) => boolean;
  /** How long the body of a response may lie unread before its span ends without it, in milliseconds. Default: 30000. */
  readonly unreadAfterMs?: number;
}

const UNREAD_AFTER_MS = 30_000;
const LONGEST_SWEEP_MS = 5_000;
const LONGEST_METHOD = 32;

/** What can be asked whether anything still arrives. */
interface Connection {
  readonly bytesRead: number;
}

/** The way in which a client lets its headers be changed. */
export interface HeaderWriter<R> {
  set(request: R, name: string, value: string): void;
  remove(request: R, names: readonly string[]): void;
}

/** One request and its response, with a span that ends once. */
export class Exchange {
  private answered = false;
  private lastByteAt = 0;
  private bytesSeen = 0;
  private connection: Connection | undefined;

  constructor(
    private readonly span: Span,
    private readonly open: Set<Exchange>,
  ) {
    open.add(this);
  }

  /** The connection that the response comes over. */
  over(connection: Connection | null | undefined): void {
    this.connection = connection ?? undefined;
  }

  /** The head of the response is there. */
  respond(status: number): void {
    this.answered = true;
    this.lastByteAt = performance.now();
    this.bytesSeen = this.connection?.bytesRead ?? 0;
    this.span.setAttribute(attributeNames.httpResponseStatusCode, status);
    if (status < 400) return;
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.setAttribute(attributeNames.errorType, String(status));
  }

  end(): void {
    if (this.open.delete(this)) this.span.end();
  }

  fail(error: unknown): void {
    if (!this.open.delete(this)) return;
    // Whoever has the head of the response and wants no more of it has not failed.
    if (!this.answered || !isAbort(error)) {
      recordError(this.span, error);
      const code = codeOf(error);
      if (code !== undefined) this.span.setAttribute(attributeNames.errorType, code);
    }
    this.span.end();
  }

  /** Ends the span at the last byte, when there was none since `before` (`performance.now()`). */
  endIfUnread(before: number): void {
    if (!this.answered) return;
    const bytes = this.connection?.bytesRead ?? 0;
    if (bytes !== this.bytesSeen) {
      this.bytesSeen = bytes;
      this.lastByteAt = performance.now();
    }
    if (this.lastByteAt <= before && this.open.delete(this)) this.span.end(this.lastByteAt);
  }
}

/**
 * The requests of a process that wait for something. A body that nobody reads would keep its span open until the connection goes,
 * which may be never: such spans end at their last byte, and all of them when tracing stops, so that none is lost.
 */
export class Exchanges {
  private readonly open = new Set<Exchange>();
  private readonly unreadAfterMs: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: HttpClientTracing) {
    this.unreadAfterMs = options.unreadAfterMs ?? UNREAD_AFTER_MS;
  }

  /**
   * A span only where there is a recorded one to belong to; headers wherever there is a context to hand on. Nothing for requests
   * of telemetry itself, which run with tracing suppressed.
   */
  begin<R>(request: R, method: string, urlOf: () => URL | null, headers: HeaderWriter<R>): Exchange | undefined {
    const active = context.active();
    const parent = trace.getSpan(active);
    if (!parent || isTracingSuppressed(active) || !isSpanContextValid(parent.spanContext())) return undefined;
    const recording = parent.isRecording();
    const url = recording || this.options.propagateTo ? urlOf() : null;
    const span = recording ? openClientSpan(method, url, active) : undefined;
    this.handOn(request, span ? trace.setSpan(active, span) : active, url, headers);
    if (!span || !isMeasured(span)) {
      span?.end();
      return undefined;
    }
    this.timer ??= this.startSweeping();
    return new Exchange(span, this.open);
  }

  /** Ends every span that is still open. */
  close(): void {
    clearInterval(this.timer);
    for (const exchange of this.open) exchange.end();
  }

  private handOn<R>(request: R, carrying: Context, url: URL | null, headers: HeaderWriter<R>): void {
    const propagator = httpPropagator();
    try {
      // A proxy hands its caller's headers on; two `traceparent` would be none.
      headers.remove(request, propagator.fields());
      if (this.isWelcome(url)) propagator.inject(carrying, request, headers);
    } catch (error) {
      // Headers that were given as a list are sent already.
      diag.debug('no trace context could be added to a request', error);
    }
  }

  private isWelcome(url: URL | null): boolean {
    const { propagateTo } = this.options;
    if (!propagateTo) return true;
    try {
      return url !== null && propagateTo(url);
    } catch (error) {
      diag.error('propagateTo failed', error);
      return false;
    }
  }

  private startSweeping(): NodeJS.Timeout {
    const sweep = () => {
      const before = performance.now() - this.unreadAfterMs;
      for (const exchange of this.open) exchange.endIfUnread(before);
      if (this.open.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
    return setInterval(sweep, Math.min(LONGEST_SWEEP_MS, this.unreadAfterMs)).unref();
  }
}

function openClientSpan(given: string, url: URL | null, parent: Context): Span {
  const method = knownMethod(given);
  const attributes: Attributes = { [attributeNames.httpRequestMethod]: method };
  if (method !== given) attributes[attributeNames.httpRequestMethodOriginal] = given.slice(0, LONGEST_METHOD);
  if (url) {
    attributes[attributeNames.urlFull] = safeUrl(url);
    attributes[attributeNames.serverAddress] = url.hostname;
    attributes[attributeNames.serverPort] = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  }
  return openSpan(method === '_OTHER' ? 'HTTP' : method, { kind: SpanKind.CLIENT, attributes }, parent);
}

/** The query and a password go: their values are the caller's data, and services put keys there. */
function safeUrl(url: URL): string {
  return redactText(`${url.origin}${url.pathname}${url.search === '' ? '' : '?[redacted]'}`);
}

function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
