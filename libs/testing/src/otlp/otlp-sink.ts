import type { DecodedSpan } from '../recorded-span.js';
import { waitFor } from '../wait-for.js';
import { startGrpcCollector } from './grpc-collector.js';
import { startHttpCollector } from './http-collector.js';
import { countSpans, decodeTraceRequest } from './trace-request.js';

/**
 * How the collector answers. `hang` takes requests and never answers, `drop` breaks the connection off, `delayMs` answers
 * late, `status` refuses with that HTTP status (over gRPC: UNAVAILABLE for 429 and 5xx, else INVALID_ARGUMENT).
 */
export type CollectorBehaviour = 'accept' | 'hang' | 'drop' | { delayMs: number } | { status: number };

/** Makes a collector speak TLS. All are PEM. */
export interface CollectorTls {
  readonly certificate: string;
  readonly key: string;
  /** Only clients with a certificate of this authority are let in. */
  readonly clientCa?: string;
}

/** What a request held. */
export interface Batch {
  readonly spanCount: number;
  /** None where spans are only counted. */
  readonly spans: DecodedSpan[];
}

export interface OtlpSinkOptions {
  /** Default: plain. */
  readonly tls?: CollectorTls;
  /** Spans are counted per request and not decoded, so that the sink is not what a fast sender waits for. */
  readonly countOnly?: boolean;
}

/** What a collector's two doors share. */
export interface CollectorState {
  behaviour: CollectorBehaviour;
  /** Ends when the sink closes, so that delayed and hanging answers end too. */
  readonly closed: AbortSignal;
  /** @throws Error when the bytes are no request. */
  read(message: Uint8Array): Batch;
  received(protocol: 'http/protobuf' | 'grpc', batch: Batch, headers: Record<string, string>): void;
  /** Counts a request that was not accepted, or could not be decoded. */
  refused(): void;
}

export interface OtlpRequest {
  protocol: 'http/protobuf' | 'grpc';
  /** HTTP headers or gRPC metadata, names in lower case. */
  headers: Record<string, string>;
  spanCount: number;
}

export interface OtlpSink {
  /** Value for `OTEL_EXPORTER_OTLP_ENDPOINT` with `OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`. */
  readonly httpUrl: string;
  /** Value for `OTEL_EXPORTER_OTLP_ENDPOINT` with `OTEL_EXPORTER_OTLP_PROTOCOL=grpc`. */
  readonly grpcUrl: string;
  /** Every span received since the start or the last reset, in order of arrival. */
  spans(): DecodedSpan[];
  /** The accepted requests, to assert on headers, batches and protocol. */
  requests(): OtlpRequest[];
  /** Requests that the current behaviour did not accept. */
  refusedRequests(): number;
  /** Waits until the received spans satisfy the predicate; returns them. */
  waitForSpans(predicate: (spans: DecodedSpan[]) => boolean, options?: { timeoutMs?: number }): Promise<DecodedSpan[]>;
  behave(behaviour: CollectorBehaviour): void;
  reset(): void;
  close(): Promise<void>;
}

/** A collector for specs: a real OTLP server over HTTP and over gRPC, each on a free port of 127.0.0.1. Plain unless it gets `tls`. */
export async function startOtlpSink(options: OtlpSinkOptions = {}): Promise<OtlpSink> {
  let spans: DecodedSpan[] = [];
  let requests: OtlpRequest[] = [];
  let refusedRequests = 0;
  const closing = new AbortController();
  const state: CollectorState = {
    behaviour: 'accept',
    closed: closing.signal,
    read: options.countOnly ? counted : decoded,
    received: (protocol, batch, headers) => {
      spans.push(...batch.spans);
      requests.push({ protocol, headers, spanCount: batch.spanCount });
    },
    refused: () => {
      refusedRequests += 1;
    },
  };
  const http = await startHttpCollector(state, options.tls);
  const grpc = await startGrpcCollector(state, options.tls);
  return {
    httpUrl: http.url,
    grpcUrl: grpc.url,
    spans: () => [...spans],
    requests: () => [...requests],
    refusedRequests: () => refusedRequests,
    waitForSpans: async (predicate, { timeoutMs = 5000 } = {}) => {
      const names = () => spans.map((span) => span.name).join(', ');
      await waitFor(() => predicate(spans), { timeoutMs, message: () => `spans; received: ${names() || 'none'}` });
      return [...spans];
    },
    behave: (behaviour) => {
      state.behaviour = behaviour;
    },
    reset: () => {
      spans = [];
      requests = [];
      refusedRequests = 0;
    },
    close: async () => {
      closing.abort();
      await Promise.all([http.close(), grpc.close()]);
    },
  };
}

function counted(message: Uint8Array): Batch {
  return { spanCount: countSpans(message), spans: [] };
}

function decoded(message: Uint8Array): Batch {
  const spans = decodeTraceRequest(message);
  return { spanCount: spans.length, spans };
}
