import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  Get,
  NotFoundException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import type { Ingestion } from '@signalpress/contracts';
import type { Selectable } from '@signalpress/persistence';
import { z } from 'zod';
import { signalsRequest } from '../ingestions/ingestions.requests.js';
import type { SignalRequest, SignalsRequest } from '../ingestions/ingestions.requests.js';
import { IngestionsService } from '../ingestions/ingestions.service.js';
import type { FeedEntry } from '../feeds/feed.types.js';
import { canonicalUrl } from '../normalisation/canonical-url.js';
import { normalisedAuthor } from '../normalisation/draft.js';
import { KeyedHash } from '../privacy/keyed-hash.js';
import { cursorOf, pageQuery } from './signals.cursor.js';
import type { PageQuery } from './signals.cursor.js';
import { SignalsRepository } from './signals.repository.js';
import type { SignalsTable } from './signals.tables.js';

/** A stored signal as the API shows it. */
export interface SignalView {
  signalId: string;
  ingestionId: string;
  source: string;
  externalId: string | null;
  title: string;
  summary: string;
  url: string | null;
  topics: string[];
  publishedAt: string | null;
  capturedAt: string;
  engagement: number | null;
}

const erasureQuery = z
  .strictObject({ url: z.string().min(1).max(4_000).optional(), author: z.string().min(1).max(300).optional() })
  .refine(({ url, author }) => (url === undefined) !== (author === undefined), 'give either url or author');
type ErasureQuery = z.output<typeof erasureQuery>;

@Controller('signals')
export class SignalsController {
  constructor(
    private readonly ingestions: IngestionsService,
    private readonly signals: SignalsRepository,
    private readonly hash: KeyedHash,
  ) {}

  /** Takes in one signal, or up to a hundred. */
  @Post()
  add(@Body({ schema: signalsRequest }) { source, signals }: SignalsRequest): Promise<Ingestion> {
    return this.ingestions.take(this.ingestions.prepareSignals(source, signals.map(entryOf)));
  }

  /** The newest first. */
  @Get()
  async list(
    @Query({ schema: pageQuery }) { limit, cursor }: PageQuery,
  ): Promise<{ items: SignalView[]; nextCursor: string | null }> {
    const rows = await this.signals.page(limit + 1, cursor);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { items: shown.map(viewOf), nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
  }

  @Get(':id')
  async find(@Param('id', { schema: z.uuid() }) id: string): Promise<SignalView> {
    const row = await this.signals.find(id);
    if (row === undefined) throw new NotFoundException('There is no such signal; they are kept for 90 days.');
    return viewOf(row);
  }

  /** Erases what came from an address or an author, for good: it is not taken in again. */
  @Delete()
  async erase(@Query({ schema: erasureQuery }) { url, author }: ErasureQuery): Promise<{ erased: number }> {
    if (author !== undefined) {
      const name = normalisedAuthor(author);
      if (name === null) throw new BadRequestException('The author has no name.');
      return { erased: await this.signals.erase('author_key', this.hash.of('author', name)) };
    }
    const address = canonicalUrl(url ?? '');
    if (address === null) throw new BadRequestException('The url is not an http(s) address.');
    return { erased: await this.signals.erase('url_key', this.hash.of('url', address.identity)) };
  }
}

function entryOf(signal: SignalRequest): FeedEntry {
  const { title, summary, url, topics, publishedAt, engagement, externalId, author } = signal;
  const published = publishedAt === null ? null : new Date(publishedAt);
  return { title, summary, link: url, topics, published, engagement, externalId, author };
}

function viewOf(row: Selectable<SignalsTable>): SignalView {
  return {
    signalId: row.id,
    ingestionId: row.ingestion_id,
    source: row.source,
    externalId: row.external_id,
    title: row.title,
    summary: row.summary,
    url: row.url,
    topics: row.topics,
    publishedAt: row.published_at?.toISOString() ?? null,
    capturedAt: row.captured_at.toISOString(),
    engagement: row.engagement,
  };
}
