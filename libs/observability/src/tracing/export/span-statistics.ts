import { trace } from '@opentelemetry/api';
import type { TracerProvider } from '@opentelemetry/api';

/**
 * Why something was not sent. The first five count spans, of which `trace-limit` and `folded` were never started; the last three
 * count attributes, events and links of spans that were sent without them.
 */
export const dropReasons = [
  'queue-full',
  'export-failed',
  'shutdown',
  'trace-limit',
  'folded',
  'attribute-limit',
  'event-limit',
  'link-limit',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Why a batch was not accepted: no answer in time, no connection, an answer that refuses, anything else. */
export const exportFailures = ['timeout', 'unreachable', 'rejected', 'other'] as const;
export type ExportFailure = (typeof exportFailures)[number];

/** One export that is over. */
export interface ExportOutcome {
  readonly seconds: number;
  readonly spans: number;
  /** Undefined: the collector accepted it. */
  readonly failure?: ExportFailure;
}

/**
 * What tracing says about itself. Plain numbers, because they are counted for every span; they are read when somebody asks.
 * `sampled` is always `exported` + `queued()` + the drops `queue-full`, `export-failed` and `shutdown` + spans that have not ended.
 */
export class SpanStatistics {
  /** Spans that the sampler was asked about. */
  started = 0;
  /** Those of them that are recorded and sent. */
  sampled = 0;
  /** Spans that the collector accepted. */
  exported = 0;
  private readonly lost = new Map<DropReason, number>();
  private readonly failed = new Map<ExportFailure, number>();
  private readonly listeners = new Set<(outcome: ExportOutcome) => void>();
  private readQueue: () => number = () => 0;

  /** Counts what is lost for this reason. */
  dropped(reason: DropReason, count = 1): void {
    this.lost.set(reason, (this.lost.get(reason) ?? 0) + count);
  }

  get drops(): ReadonlyMap<DropReason, number> {
    return this.lost;
  }

  /** Batches that were not accepted. */
  get failures(): ReadonlyMap<ExportFailure, number> {
    return this.failed;
  }

  /** Ended spans that wait for their export or are in one. */
  queued(): number {
    return this.readQueue();
  }

  /** Says how the length of the queue is read. */
  observeQueue(read: () => number): void {
    this.readQueue = read;
  }

  /** Counts an export that is over. */
  exportEnded(outcome: ExportOutcome): void {
    if (outcome.failure === undefined) this.exported += outcome.spans;
    else {
      this.failed.set(outcome.failure, (this.failed.get(outcome.failure) ?? 0) + 1);
      this.dropped('export-failed', outcome.spans);
    }
    for (const listener of this.listeners) listener(outcome);
  }

  /** Calls `listener` after each export; the returned function ends it. */
  onExport(listener: (outcome: ExportOutcome) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

const byProvider = new WeakMap<object, SpanStatistics>();

/** Ties statistics to the provider whose spans they count. */
export function keepStatistics(provider: TracerProvider, statistics: SpanStatistics): void {
  byProvider.set(delegateOf(provider), statistics);
}

/** The statistics of a provider that `configureTracing` registered (default: the process'); undefined when nothing is exported. */
export function statisticsOf(provider: TracerProvider = trace.getTracerProvider()): SpanStatistics | undefined {
  return byProvider.get(delegateOf(provider));
}

/** The API hands out a proxy that outlives the providers behind it. */
function delegateOf(provider: TracerProvider): object {
  return isProxy(provider) ? provider.getDelegate() : provider;
}

/** Not by class: the SDK is CommonJS and registers the proxy of its own copy of the API. */
function isProxy(provider: object): provider is { getDelegate(): object } {
  return 'getDelegate' in provider && typeof provider.getDelegate === 'function';
}
