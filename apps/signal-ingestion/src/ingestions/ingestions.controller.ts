import { Body, Controller, Get, Param, PayloadTooLargeException, Post } from '@nestjs/common';
import type { Ingestion } from '@signalpress/contracts';
import { Metrics, ServiceError } from '@signalpress/observability';
import { z } from 'zod';
import { SourceFetcher } from '../fetching/source-fetcher.js';
import { sourceName } from '../sources/source-name.js';
import { documentsRefusedTotal } from './ingestions.metrics.js';
import { ingestionRequest, isTooLarge } from './ingestions.requests.js';
import type { IngestionRequest } from './ingestions.requests.js';
import { IngestionsService } from './ingestions.service.js';
import type { Prepared } from './ingestions.service.js';

@Controller('ingestions')
export class IngestionsController {
  constructor(
    private readonly ingestions: IngestionsService,
    private readonly fetcher: SourceFetcher,
    private readonly metrics: Metrics,
  ) {}

  /** Takes in a feed document, or fetches it first. */
  @Post()
  async ingest(@Body({ schema: ingestionRequest }) request: IngestionRequest): Promise<Ingestion> {
    let prepared: Prepared;
    try {
      prepared = await this.prepare(request);
    } catch (error) {
      if (error instanceof ServiceError) this.metrics.counter(documentsRefusedTotal).inc({ problem: error.code });
      throw error;
    }
    return this.ingestions.take(prepared);
  }

  @Get(':id')
  find(@Param('id', { schema: z.uuid() }) id: string): Promise<Ingestion> {
    return this.ingestions.find(id);
  }

  private async prepare(request: IngestionRequest): Promise<Prepared> {
    if ('document' in request) {
      if (isTooLarge(request.document)) throw new PayloadTooLargeException('The document has more than 5 MiB.');
      return this.ingestions.prepareDocument(request.source, request.document);
    }
    const fetched = await this.fetcher.fetch(request.url);
    // Nothing was said about an earlier version, so an answer that nothing changed has no document to speak of.
    const { document, url } = fetched.kind === 'document' ? fetched : { document: '', url: request.url };
    return this.ingestions.prepareDocument(sourceName(request.url), document, url);
  }
}
