import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { startOtlpSink } from '@signalpress/testing';
import type { CollectorTls, DecodedSpan, OtlpRequest, OtlpSink } from '@signalpress/testing';
import { configureTracing } from '../../src/tracing/configure-tracing.js';
import { TracingEnvironmentError } from '../../src/tracing/environment.js';
import { statisticsOf } from '../../src/tracing/export/span-statistics.js';
import type { SpanStatistics } from '../../src/tracing/export/span-statistics.js';
import { setEnvironment } from '../support/environment.js';

/** Proves what one row of docs/environment.md says. */
export type Check = () => Promise<void> | void;

export type Variables = Readonly<Record<string, string>>;

/** The variables that the tables of docs/environment.md list, in their order. */
export function documentedVariables(): string[] {
  const text = readFileSync(new URL('../../docs/environment.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^\| `(OTEL_[A-Z_0-9]+)`/gm)].map(([, name]) => name ?? '');
}

/** Sets exactly these variables; every other documented one is unset. */
export function only(variables: Variables): () => void {
  const unset = Object.fromEntries(documentedVariables().map((name) => [name, undefined]));
  return setEnvironment({ ...unset, ...variables });
}

export interface Exported {
  readonly spans: DecodedSpan[];
  readonly requests: OtlpRequest[];
  readonly refusedRequests: number;
  readonly exporting: boolean;
  readonly statistics: SpanStatistics | undefined;
}

export interface Run {
  /** What is done while tracing is on. Default: one span named `work`. */
  readonly work?: (sink: OtlpSink) => Promise<void> | void;
  readonly tls?: CollectorTls;
  readonly shutdownMs?: number;
}

/** Configures tracing with the variables, which may hold the addresses of a collector, and returns what the collector got. */
export async function exportedWith(variables: (sink: OtlpSink) => Variables, run: Run = {}): Promise<Exported> {
  const sink = await startOtlpSink(run.tls ? { tls: run.tls } : {});
  const restore = only(variables(sink));
  try {
    const telemetry = configureTracing('name-in-code');
    const statistics = statisticsOf();
    try {
      await (run.work ?? oneSpan)(sink);
    } finally {
      await telemetry.shutdown(run.shutdownMs ?? 5_000);
    }
    return {
      spans: sink.spans(),
      requests: sink.requests(),
      refusedRequests: sink.refusedRequests(),
      exporting: telemetry.exporting,
      statistics,
    };
  } finally {
    restore();
    await sink.close();
  }
}

/** Over HTTP to the sink, with further variables. */
export function overHttp(variables: Variables = {}): (sink: OtlpSink) => Variables {
  return (sink) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, ...variables });
}

export function oneSpan(): void {
  spanNamed('work');
}

export function spanNamed(name: string): void {
  trace.getTracer('spec').startSpan(name).end();
}

/** Each value stops the start with one line that begins with the name of the variable. */
export function refuses(variable: string, values: readonly string[], others: Variables = {}): void {
  for (const value of values) {
    const restore = only({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', ...others, [variable]: value });
    try {
      const configure = () => configureTracing('name-in-code');
      expect(configure).toThrow(TracingEnvironmentError);
      expect(configure).toThrow(new RegExp(`^${variable} must [^\\n]+$`));
    } finally {
      restore();
    }
  }
}
