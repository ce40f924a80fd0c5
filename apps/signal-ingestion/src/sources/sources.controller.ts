import {
  Body,
  ConflictException,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { Jobs } from '@signalpress/messaging';
import { Metrics } from '@signalpress/observability';
import { z } from 'zod';
import { checkedUrl } from '../fetching/source-address.js';
import { IngestionSettings } from '../ingestion.settings.js';
import { pollSource } from './poll-source.worker.js';
import { sourceName } from './source-name.js';
import { failingSources } from './sources.metrics.js';
import { maxSources, SourcesRepository } from './sources.repository.js';
import type { SourceRow } from './sources.repository.js';

const sourceRequest = z.strictObject({
  url: z.string().trim().min(1).max(2_000),
  everyMinutes: z.int().min(5).max(10_080),
});
type SourceRequest = z.output<typeof sourceRequest>;

/** A polled source as the API shows it. */
export interface SourceView {
  sourceId: string;
  /** Name in the signals that it brings. */
  source: string;
  url: string;
  everyMinutes: number;
  createdAt: string;
  nextPollAt: string;
  lastPolledAt: string | null;
  lastOutcome: 'ingested' | 'unchanged' | 'failed' | null;
  lastError: string | null;
  lastIngestionId: string | null;
  /** Failed polls in a row. */
  failures: number;
}

@Controller('sources')
export class SourcesController {
  constructor(
    private readonly sources: SourcesRepository,
    private readonly jobs: Jobs,
    private readonly settings: IngestionSettings,
    metrics: Metrics,
  ) {
    metrics.observeGauge(failingSources, async () => {
      const rows = await sources.list();
      return rows.filter(({ failures }) => failures > 0).length;
    });
  }

  /** Polls an address from now on; one that is polled already gets the new interval. */
  @Post()
  async add(@Body({ schema: sourceRequest }) { url, everyMinutes }: SourceRequest): Promise<SourceView> {
    const { href } = checkedUrl(url, this.settings.allowPrivateSources);
    const row = await this.sources.transaction(async (tx) => {
      const added = await this.sources.add(tx, href, everyMinutes);
      if (added !== undefined) {
        await this.jobs.enqueue(tx, { name: pollSource, key: added.id, payload: { sourceId: added.id } });
      }
      return added;
    });
    if (row === undefined) throw new ConflictException(`There are ${maxSources} sources already; remove one first.`);
    return viewOf(row);
  }

  @Get()
  async list(): Promise<{ items: SourceView[] }> {
    const rows = await this.sources.list();
    return { items: rows.map(viewOf) };
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    const removed = await this.sources.transaction(async (tx) => {
      await this.jobs.cancel(tx, pollSource, id);
      return this.sources.remove(tx, id);
    });
    if (!removed) throw new NotFoundException('There is no such source.');
  }
}

function viewOf(row: SourceRow): SourceView {
  return {
    sourceId: row.id,
    source: sourceName(row.url),
    url: row.url,
    everyMinutes: row.every_minutes,
    createdAt: row.created_at.toISOString(),
    nextPollAt: row.next_poll_at.toISOString(),
    lastPolledAt: row.last_polled_at?.toISOString() ?? null,
    lastOutcome: row.last_outcome,
    lastError: row.last_error,
    lastIngestionId: row.last_ingestion_id,
    failures: row.failures,
  };
}
