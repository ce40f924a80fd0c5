import { TraceFlags, context, diag } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { normalizeError } from '../../errors/service-error.js';
import { failureOf } from './export-failure.js';
import { EncodedSpans } from './otlp/encoded-spans.js';
import type { SpanExporter } from './span-exporter.js';
import type { SpanStatistics } from './span-statistics.js';

/** `OTEL_BSP_*`. Times are milliseconds. */
export interface SpanQueueLimits {
  /** Ended spans that wait at most; further ones are dropped. */
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  /** A batch that does not fill is sent after this time. */
  readonly scheduleDelayMs: number;
  /** An export without a result is given up after this time. */
  readonly exportTimeoutMs: number;
}

/**
 * Exports at a time. One alone would send a batch per round trip: at 512 spans and 20 ms that is 25,000 spans a second. Eight keep up
 * with what one core can record, and bound what is held beside the queue.
 */
export const MAX_EXPORTS_IN_FLIGHT = 8;

/** What the first batch has room for at once; later ones for as much as the one before came to. */
const FIRST_BATCH_BYTES = 8_192;

/** Batches differ by the paths and errors in them. */
const SPARE = 1.2;

interface Batch {
  readonly spans: EncodedSpans;
  readonly settled: Promise<void>;
  /** Ends the batch; only the first call counts. */
  readonly settle: () => boolean;
}

/**
 * Hands ended, sampled spans to an exporter in batches. A span is encoded when it ends. A full batch is sent in the next turn of the event loop, not in the call
 * that ended its last span, and several are sent at a time. Never blocks and never throws; what cannot be kept or sent is counted in
 * the statistics with its reason. Retrying is the exporter's matter.
 */
export class SpanQueue implements SpanProcessor {
  private filling = new EncodedSpans(FIRST_BATCH_BYTES);
  private readonly waiting: Batch[] = [];
  private readonly unsettled = new Set<Batch>();
  private waitingSpans = 0;
  private sendingSpans = 0;
  private inFlight = 0;
  private timer: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;
  private stopping: Promise<void> | undefined;
  private resourceReady = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly limits: SpanQueueLimits,
    private readonly statistics: SpanStatistics,
    /** What exports run in. */
    private readonly exportContext: Context,
  ) {
    statistics.observeQueue(() => this.waitingSpans + this.sendingSpans);
  }

  onStart(): void {
    // A span is nothing to send before it has ended.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.countLimits(span);
    if (this.stopping) {
      this.statistics.dropped('shutdown');
      return;
    }
    if (this.waitingSpans >= this.limits.maxQueueSize) {
      this.statistics.dropped('queue-full');
      return;
    }
    if (!this.filling.add(span)) {
      this.statistics.dropped('export-failed');
      return;
    }
    this.waitingSpans += 1;
    if (this.filling.size >= this.limits.maxExportBatchSize) {
      this.seal();
      // Not here: the request that ended this span would wait while a batch is put together and sent.
      this.turn ??= setImmediate(this.sendInOwnTurn);
    } else {
      this.timer ??= setTimeout(this.sendWhatThereIs, this.limits.scheduleDelayMs).unref();
    }
  }

  /** Resolves when every span that has ended so far was sent or given up; never rejects. */
  async forceFlush(): Promise<void> {
    this.sendWhatThereIs();
    // The only thing of this queue that keeps a process alive, so that the wait ends before the process does.
    const alive = setTimeout(() => undefined, this.limits.exportTimeoutMs);
    try {
      await Promise.all([...this.unsettled].map(({ settled }) => settled));
    } finally {
      clearTimeout(alive);
    }
  }

  /** Sends everything, in as many batches as it takes, and closes the exporter. What ends from now on is dropped. */
  shutdown(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  /** Gives up what is not sent yet: it counts as dropped for `shutdown`, and those who wait for it go on. */
  abandon(): void {
    this.stopping ??= Promise.resolve();
    this.seal();
    this.waiting.length = 0;
    this.waitingSpans = 0;
    for (const batch of [...this.unsettled]) {
      if (batch.settle()) this.statistics.dropped('shutdown', batch.spans.size);
    }
    this.sendingSpans = 0;
    clearImmediate(this.turn);
  }

  private async drain(): Promise<void> {
    await this.forceFlush();
    await this.exporter.shutdown();
  }

  /** Makes a batch of what has gathered. */
  private seal(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.filling.size === 0) return;
    const batch = createBatch(this.filling, (ended) => this.unsettled.delete(ended));
    this.filling = new EncodedSpans(Math.ceil(this.filling.byteLength * SPARE));
    this.unsettled.add(batch);
    this.waiting.push(batch);
  }

  private readonly sendInOwnTurn = (): void => {
    this.turn = undefined;
    this.send();
  };

  private readonly sendWhatThereIs = (): void => {
    this.seal();
    this.send();
  };

  private send(): void {
    while (this.inFlight < MAX_EXPORTS_IN_FLIGHT) {
      const batch = this.waiting.shift();
      if (!batch) return;
      this.inFlight += 1;
      this.waitingSpans -= batch.spans.size;
      this.sendingSpans += batch.spans.size;
      context.with(this.exportContext, () => {
        this.exportBatch(batch);
      });
    }
  }

  private exportBatch(batch: Batch): void {
    const startedAt = performance.now();
    const end = (error: unknown): void => {
      clearTimeout(timeout);
      if (!batch.settle()) return;
      this.inFlight -= 1;
      this.sendingSpans -= batch.spans.size;
      this.statistics.exportEnded({
        seconds: (performance.now() - startedAt) / 1_000,
        spans: batch.spans.size,
        ...(error === undefined ? {} : { failure: failureOf(error) }),
      });
      if (error !== undefined) complain(error, batch.spans.size);
      this.send();
    };
    const timeout = setTimeout(() => {
      end(new Error(`Export timed out after ${this.limits.exportTimeoutMs} ms`));
    }, this.limits.exportTimeoutMs).unref();
    const hand = () => {
      try {
        this.exporter.export(batch.spans, (result) => {
          end(errorOf(result));
        });
      } catch (error) {
        end(error);
      }
    };
    if (this.resourceReady) hand();
    else this.afterResource(batch, hand);
  }

  /** Some detectors find their attributes later; they are the same for all spans of the process. */
  private afterResource(batch: Batch, next: () => void): void {
    const { resource } = batch.spans;
    const go = () => {
      this.resourceReady = true;
      next();
    };
    if (resource?.asyncAttributesPending !== true || !resource.waitForAsyncAttributes) go();
    // A detector that fails leaves its attributes out; the spans are sent all the same.
    else resource.waitForAsyncAttributes().then(go, go);
  }

  private countLimits(span: ReadableSpan): void {
    if (span.droppedAttributesCount > 0) this.statistics.dropped('attribute-limit', span.droppedAttributesCount);
    if (span.droppedEventsCount > 0) this.statistics.dropped('event-limit', span.droppedEventsCount);
    if (span.droppedLinksCount > 0) this.statistics.dropped('link-limit', span.droppedLinksCount);
  }
}

function createBatch(spans: EncodedSpans, ended: (batch: Batch) => void): Batch {
  let resolve: () => void = () => undefined;
  let open = true;
  const batch: Batch = {
    spans,
    settled: new Promise<void>((done) => {
      resolve = done;
    }),
    settle: () => {
      if (!open) return false;
      open = false;
      ended(batch);
      resolve();
      return true;
    },
  };
  return batch;
}

function complain(error: unknown, spans: number): void {
  diag.error(`${spans} spans could not be exported: ${normalizeError(error).message}`);
}

function errorOf(result: ExportResult): unknown {
  if (result.code === ExportResultCode.SUCCESS) return undefined;
  return result.error ?? new Error('The exporter failed without a reason');
}
