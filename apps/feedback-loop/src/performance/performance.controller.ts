import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { PerformanceQueries } from './performance.queries.js';
import type { FactorView, ListingView, PerformanceView } from './performance.queries.js';
import { encodeCursor, ideaId, pageQuery } from './performance.schemas.js';
import type { PageQuery } from './performance.schemas.js';

/** How an idea does, over all of its listings. */
export interface Performance {
  readonly ideaId: string;
  readonly phrase: string | null;
  readonly score: number | null;
  readonly views: number;
  readonly favourites: number;
  readonly sales: number;
  /** sales ÷ views, 0..1; null before the first view. */
  readonly conversion: number | null;
  readonly observedAt: string | null;
  readonly updatedAt: string;
}

export interface PerformancePage {
  readonly items: Performance[];
  /** Gives the next page; null on the last. */
  readonly nextCursor: string | null;
}

export interface PerformanceDetails extends Performance {
  /** The factors that the idea was scored by when it was decided, the weightiest first. */
  readonly factors: FactorView[];
  readonly listings: ListingView[];
}

/** 404: no listing of this idea is known. */
class PerformanceNotFound extends NotFoundException {
  constructor(id: string) {
    super(`No listing of an idea ${id} is known.`, { errorCode: 'performance-not-found' });
  }
}

@Controller('performance')
export class PerformanceController {
  constructor(private readonly queries: PerformanceQueries) {}

  @Get()
  async page(@Query({ schema: pageQuery }) { limit, cursor }: PageQuery): Promise<PerformancePage> {
    const rows = await this.queries.page(limit, cursor);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const more = rows.length > shown.length && last !== undefined;
    return {
      items: shown.map(performanceOf),
      nextCursor: more ? encodeCursor({ updatedAt: last.updated_at, ideaId: last.idea_id }) : null,
    };
  }

  @Get(':ideaId')
  async details(@Param('ideaId', { schema: ideaId }) id: string): Promise<PerformanceDetails> {
    const row = await this.queries.find(id);
    if (row === undefined) throw new PerformanceNotFound(id);
    const [factors, listings] = await Promise.all([this.queries.factors(id), this.queries.listings(id)]);
    return { ...performanceOf(row), factors, listings };
  }
}

function performanceOf(row: PerformanceView): Performance {
  const { idea_id, phrase, score, views, favourites, sales, conversion } = row;
  return {
    ideaId: idea_id,
    phrase,
    score,
    views,
    favourites,
    sales,
    conversion,
    observedAt: row.observed_at?.toISOString() ?? null,
    updatedAt: row.updated_at.toISOString(),
  };
}
