import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { countSpans } from './otlp-count.ts';

/** What arrived since the sink was started. */
export interface Received {
  /** OTLP's, and those of `@nestjs/observe`. */
  spans: number;
  /** Export requests, of whatever kind. */
  requests: number;
  /** Bytes as they came over the wire. */
  bytes: number;
  /** Error events in Sentry envelopes. */
  errors: number;
}

export interface CountingSink {
  /** Base address for OTLP over HTTP. */
  readonly url: string;
  /** DSN that leads here. */
  readonly dsn: string;
  readonly received: Readonly<Received>;
  close(): Promise<void>;
}

/**
 * Takes OTLP (protobuf over HTTP), Sentry envelopes and what `@nestjs/observe` sends, and counts. It must not be what limits a
 * variant, so it reads the lengths of the protobuf fields and nothing within a span.
 */
export async function startSink(): Promise<CountingSink> {
  const received: Received = { spans: 0, requests: 0, bytes: 0, errors: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const contentType = take(request, Buffer.concat(chunks), received);
      response.writeHead(200, { 'content-type': contentType });
      response.end(contentType === 'application/json' ? '{}' : undefined);
    });
  });
  // An exporter keeps its connections; a variant may pause for longer than Node's default.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    dsn: `http://key@127.0.0.1:${port}/1`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @returns the content type of the answer. */
function take(request: IncomingMessage, raw: Buffer, received: Received): string {
  received.requests += 1;
  received.bytes += raw.length;
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
  const url = request.url ?? '';
  if (url.startsWith('/v1/traces')) {
    received.spans += countSpans(body);
    return 'application/x-protobuf';
  }
  if (url === '/applications/telemetry') received.spans += countObserveSpans(body);
  if (url.startsWith('/api/')) received.errors += isErrorEvent(body) ? 1 : 0;
  return 'application/json';
}

interface ObserveSpan {
  readonly ch?: readonly ObserveSpan[];
}

/** Its batches are JSON: `snapshots`, one per request, each with the trees `t` of spans whose children are `ch`. */
function countObserveSpans(batch: Buffer): number {
  const { snapshots = [] } = JSON.parse(batch.toString('utf8')) as { snapshots?: { t?: readonly ObserveSpan[] }[] };
  return snapshots.reduce((spans, snapshot) => spans + nodesOf(snapshot.t ?? []), 0);
}

function nodesOf(spans: readonly ObserveSpan[]): number {
  return spans.reduce((count, span) => count + 1 + nodesOf(span.ch ?? []), 0);
}

/** An envelope is a line of header, then pairs of item header and item. */
function isErrorEvent(envelope: Buffer): boolean {
  return /^\{[^\n]*"type":"event"/m.test(envelope.toString('utf8'));
}
