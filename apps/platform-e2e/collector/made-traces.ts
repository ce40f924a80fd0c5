import { SpanKind, SpanStatusCode, trace, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** What is told apart by the sampling. `share` is the rest, of which a share is kept. */
export type Sort = 'error' | 'slow-trace' | 'slow-request' | 'share';

export interface MadeTrace {
  readonly id: string;
  readonly sort: Sort;
  readonly spans: number;
}

/** What must not come out, in the shapes in which it could go in. */
export const secrets = {
  email: 'ada.lovelace@mail.example.com',
  bearer: 'c2VjcmV0LWJlYXJlci10b2tlbg',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ',
  stripe: ['sk', 'live', '51HqLyjWDarjtT1zdp7dc'].join('_'),
  urlPassword: 'pa55-of-the-url',
  namedPassword: 'hunter2-of-ada',
  card: '4111 1111 1111 1111',
  amex: '378282246310005',
  visaAsNumber: 4_242_424_242_424_242,
  apiKey: 'plain-words-under-a-telling-name',
  inList: 'grace.hopper@mail.example.com',
  inName: 'barbara.liskov@mail.example.com',
  inMessage: 'radia.perlman@mail.example.com',
  inResource: 'margaret.hamilton@mail.example.com',
  inStack: 'katherine.johnson@mail.example.com',
} as const;

export const SPANS_PER_TRACE = 4;
/** Far enough in the past that the longest trace has ended. */
const AGE_MS = 20_000;

/**
 * Makes traces of two services (a request, a query below it, an event, and its handling by the other service) and sends them as
 * the services do: OTLP over HTTP, protobuf, in batches. The ids are the same in every run, and with them the lots that the
 * sampling draws.
 */
export class TraceMaker {
  private readonly random: () => number;
  private readonly gateway: TracerProvider;
  private readonly scoring: TracerProvider;

  constructor(collectorUrl: string, seed: number) {
    this.random = pseudoRandom(seed);
    this.gateway = this.provider('api-gateway', collectorUrl);
    this.scoring = this.provider('scoring-engine', collectorUrl);
  }

  /** One trace, on its way as soon as a batch is full or {@link flush} is called. */
  make(sort: Sort): MadeTrace {
    const began = Date.now() - AGE_MS;
    const requestMs = sort === 'slow-request' ? 1_500 : 40;
    const handledMs = sort === 'slow-trace' ? 7_000 : 300;
    const request = this.open(this.gateway, 'POST /signals', SpanKind.SERVER, ROOT_CONTEXT, began);
    const inside = trace.setSpan(ROOT_CONTEXT, request);
    this.open(this.gateway, 'INSERT signals', SpanKind.CLIENT, inside, began + 5).end(began + 15);
    const send = this.open(this.gateway, 'send signals.ingested', SpanKind.PRODUCER, inside, began + 20);
    const sent = trace.setSpan(ROOT_CONTEXT, send);
    const handle = this.open(this.scoring, 'process signals.ingested', SpanKind.CONSUMER, sent, began + 50);
    if (sort === 'error') fail(handle, began + 60);
    plantSecrets(handle, began + 60);
    handle.end(began + handledMs);
    send.end(began + 25);
    request.end(began + requestMs);
    return { id: request.spanContext().traceId, sort, spans: SPANS_PER_TRACE };
  }

  /** A span of a trace that began earlier, sent after everything else of it. */
  makeLate(ofTrace: string, name: string, failed: boolean): void {
    const began = Date.now() - AGE_MS;
    const parent = { traceId: ofTrace, spanId: '00f067aa0ba902b7', traceFlags: 1, isRemote: true };
    const span = this.open(this.scoring, name, SpanKind.CONSUMER, trace.setSpanContext(ROOT_CONTEXT, parent), began);
    if (failed) fail(span, began);
    span.end(began + 10);
  }

  async flush(): Promise<void> {
    await Promise.all([this.gateway.forceFlush(), this.scoring.forceFlush()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.gateway.shutdown(), this.scoring.shutdown()]);
  }

  private provider(service: string, collectorUrl: string): TracerProvider {
    const exporter = new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces` });
    return new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service, 'deployment.contact': secrets.inResource }),
      spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: 100_000, maxExportBatchSize: 256 })],
      idGenerator: { generateTraceId: () => this.hex(32), generateSpanId: () => this.hex(16) },
    });
  }

  private open(provider: TracerProvider, name: string, kind: SpanKind, parent: Context, startTime: number): Span {
    return provider.getTracer('made').startSpan(name, { kind, startTime }, parent);
  }

  private hex(length: number): string {
    return Array.from({ length }, () => Math.floor(this.random() * 16).toString(16)).join('');
  }
}

function fail(span: Span, at: number): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: `no mail to ${secrets.inMessage}` });
  const stack = `Error: no mail\n    at send (mail.ts:1)\n    caused by ${secrets.inStack}`;
  span.recordException({ name: 'MailError', message: `no mail to ${secrets.inMessage}`, stack }, at);
}

function plantSecrets(span: Span, at: number): void {
  span.updateName(`process signals.ingested for ${secrets.inName}`);
  span.setAttributes({
    'order.note': `for ${secrets.email}, paid with ${secrets.card} or ${secrets.amex}`,
    'order.card': secrets.visaAsNumber,
    'order.watchers': ['nobody', secrets.inList],
    'order.total': 4711,
    'http.request.header.x-forwarded': `Bearer ${secrets.bearer}`,
    'url.full': `https://ada:${secrets.urlPassword}@shop.example.com/orders?page=2`,
    'api.key': secrets.apiKey,
    'messaging.system': 'kafka',
  });
  span.addEvent(
    'called',
    { detail: `jwt ${secrets.jwt} and ${secrets.stripe}, password=${secrets.namedPassword}` },
    at,
  );
}

/** Mulberry32: the same numbers for the same seed. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
