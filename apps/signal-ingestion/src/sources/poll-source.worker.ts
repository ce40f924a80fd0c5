import { Worker } from '@signalpress/messaging';
import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { Logger, Metrics, ServiceError } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { z } from 'zod';
import { SourceFetcher } from '../fetching/source-fetcher.js';
import { IngestionsService } from '../ingestions/ingestions.service.js';
import type { IngestionTables } from '../signals/signals.tables.js';
import { sourceName } from './source-name.js';
import { pollsTotal } from './sources.metrics.js';
import { SourcesRepository } from './sources.repository.js';
import type { SourceRow } from './sources.repository.js';

export const pollSource = 'poll-source';
const payload = z.object({ sourceId: z.uuid() });
type Payload = z.output<typeof payload>;
type Tx = Transaction<IngestionTables>;

/** Fetches one source, if it has changed, and takes in what is new. */
@Worker({ name: pollSource, concurrency: 3, payload })
export class PollSourceWorker implements JobHandler<Payload> {
  private readonly log: Logger;

  constructor(
    private readonly sources: SourcesRepository,
    private readonly fetcher: SourceFetcher,
    private readonly ingestions: IngestionsService,
    private readonly metrics: Metrics,
    logger: Logger,
  ) {
    this.log = logger.child('Sources');
  }

  async run(job: Job<Payload>): Promise<Effect> {
    const source = await this.sources.findDue(job.payload.sourceId);
    if (source === undefined) return () => Promise.resolve();
    try {
      return await this.poll(source, job.signal);
    } catch (error) {
      // What is wrong with the source is written down and waits longer each time; what is wrong with us goes on its way.
      if (!(error instanceof ServiceError) || error.severity === 'unexpected' || error.retryable) throw error;
      this.log.warn('a source cannot be polled', {
        sourceId: source.id,
        code: error.code,
        failures: source.failures + 1,
      });
      this.metrics.counter(pollsTotal).inc({ outcome: error.code });
      return (tx: Tx) => this.sources.markFailed(tx, source.id, error.message);
    }
  }

  private async poll(source: SourceRow, signal: AbortSignal): Promise<Effect> {
    const fetched = await this.fetcher.fetch(
      source.url,
      { etag: source.etag, lastModified: source.last_modified },
      signal,
    );
    if (fetched.kind === 'unchanged') {
      this.metrics.counter(pollsTotal).inc({ outcome: 'unchanged' });
      return (tx: Tx) => this.sources.markPolled(tx, source.id, { ingestionId: null, validators: null });
    }
    const prepared = this.ingestions.prepareDocument(sourceName(source.url), fetched.document, fetched.url);
    this.metrics.counter(pollsTotal).inc({ outcome: 'ingested' });
    const { etag, lastModified } = fetched;
    return async (tx: Tx) => {
      this.ingestions.report(await this.ingestions.store(tx, prepared));
      await this.sources.markPolled(tx, source.id, { ingestionId: prepared.id, validators: { etag, lastModified } });
    };
  }
}
