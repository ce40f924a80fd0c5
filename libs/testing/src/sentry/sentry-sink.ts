import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../read-body.js';
import { serve } from '../serve.js';
import { waitFor } from '../wait-for.js';
import { isObject, parseEnvelope } from './envelope.js';
import type { EnvelopeItem, JsonObject } from './envelope.js';

/** An error event with the parts that specs ask for; `raw` is all that was sent. */
export interface SentryEvent {
  eventId: string | undefined;
  level: string | undefined;
  message: string | undefined;
  /** From the outermost cause to the error itself, as Sentry orders them. */
  exceptions: { type: string | undefined; value: string | undefined }[];
  traceId: string | undefined;
  spanId: string | undefined;
  release: string | undefined;
  environment: string | undefined;
  tags: JsonObject;
  contexts: JsonObject;
  raw: JsonObject;
}

export interface SentrySink {
  /** Value for `SENTRY_DSN`. */
  readonly dsn: string;
  events(): SentryEvent[];
  /** Performance transactions: what the SDK sends when it traces by itself. */
  transactions(): JsonObject[];
  /** Items of every other type. */
  others(): EnvelopeItem[];
  /** Waits for an event that satisfies the predicate, and returns it. */
  waitForEvent(predicate?: (event: SentryEvent) => boolean, options?: { timeoutMs?: number }): Promise<SentryEvent>;
  reset(): void;
  close(): Promise<void>;
}

/** Sentry's ingestion endpoint for specs, on a free port of 127.0.0.1. */
export async function startSentrySink(): Promise<SentrySink> {
  let items: EnvelopeItem[] = [];
  const server = await serve(
    createServer((request, response) => {
      answer(request, response, (received) => items.push(...received)).catch((error: unknown) => {
        response.writeHead(400).end(String(error));
      });
    }),
  );
  const ofType = (type: string) =>
    items
      .filter((item) => item.type === type)
      .map(({ payload }) => payload)
      .filter(isObject);
  const events = () => ofType('event').map(toEvent);
  return {
    dsn: `${server.url.replace('http://', 'http://0123456789abcdef0123456789abcdef@')}/1`,
    events,
    transactions: () => ofType('transaction'),
    others: () => items.filter(({ type }) => type !== 'event' && type !== 'transaction'),
    waitForEvent: (predicate = () => true, { timeoutMs = 5000 } = {}) =>
      waitFor(() => events().find(predicate), {
        timeoutMs,
        message: () => `a Sentry event; received: ${titles(events())}`,
      }),
    reset: () => {
      items = [];
    },
    close: () => server.close(),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  accept: (items: EnvelopeItem[]) => void,
): Promise<void> {
  const body = await readBody(request);
  if (request.method !== 'POST' || !/^\/api\/\d+\/envelope\/(\?.*)?$/.test(request.url ?? '')) {
    response.writeHead(404).end();
    return;
  }
  const { header, items } = parseEnvelope(body);
  accept(items);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: header['event_id'] }));
}

function toEvent(raw: JsonObject): SentryEvent {
  const contexts = objectAt(raw, 'contexts');
  const trace = objectAt(contexts, 'trace');
  const values = objectAt(raw, 'exception')['values'];
  return {
    eventId: textAt(raw, 'event_id'),
    level: textAt(raw, 'level'),
    message: textAt(raw, 'message'),
    exceptions: (Array.isArray(values) ? values : [])
      .filter(isObject)
      .map((value) => ({ type: textAt(value, 'type'), value: textAt(value, 'value') })),
    traceId: textAt(trace, 'trace_id'),
    spanId: textAt(trace, 'span_id'),
    release: textAt(raw, 'release'),
    environment: textAt(raw, 'environment'),
    tags: objectAt(raw, 'tags'),
    contexts,
    raw,
  };
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

function textAt(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

function titles(events: SentryEvent[]): string {
  const all = events.map((event) => event.exceptions.at(-1)?.value ?? event.message ?? 'without title');
  return all.length > 0 ? all.join('; ') : 'none';
}
