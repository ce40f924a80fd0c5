import { Injectable } from '@nestjs/common';
import type { Transaction } from '@signalpress/persistence';
import { sourceStatistics } from '../score/engagement.js';
import type { ScoredSignal, StatisticsSnapshot } from '../score/inputs.js';
import { OccasionCalendar } from '../seasonality/calendar.js';
import { centroid, fromBytes } from '../text/embedding.js';
import type { Embedding } from '../text/embedding.js';
import type { ScoringTables } from './scoring.tables.js';

type Tx = Transaction<ScoringTables>;

const dayMs = 86_400_000;
const sourceWindowMs = 7 * dayMs;
const recentWindowMs = 14 * dayMs;
/** Newest counts of a source that its median is taken over. */
const maxCounts = 1_000;
const maxSources = 20;
const maxIdeas = 500;

/** What an idea is compared with, as it is at this moment. */
@Injectable()
export class StatisticsRepository {
  constructor(private readonly calendar: OccasionCalendar) {}

  async snapshot(tx: Tx, ideaId: string, signals: readonly ScoredSignal[], asOf: Date): Promise<StatisticsSnapshot> {
    const texts = signals.flatMap(({ title, topics }) => [title, ...topics]);
    return {
      sources: await this.sources(tx, signals, new Date(asOf.getTime() - sourceWindowMs)),
      recent: await this.recent(tx, ideaId, new Date(asOf.getTime() - recentWindowMs)),
      sold: await this.sold(tx, ideaId),
      occasions: this.calendar.namedIn(texts, asOf.toISOString()),
    };
  }

  private async sources(tx: Tx, signals: readonly ScoredSignal[], since: Date): Promise<StatisticsSnapshot['sources']> {
    const names = [...new Set(signals.map(({ source }) => source))].slice(0, maxSources);
    const sources: StatisticsSnapshot['sources'] = {};
    for (const source of names) {
      const rows = await tx
        .selectFrom('signals')
        .select('engagement')
        .where('source', '=', source)
        .where('engagement', 'is not', null)
        .where('captured_at', '>', since)
        .orderBy('captured_at', 'desc')
        .limit(maxCounts)
        .execute();
      sources[source] = sourceStatistics(rows.flatMap(({ engagement }) => (engagement === null ? [] : [engagement])));
    }
    return sources;
  }

  /** The order of the rows is fixed, because the sum of the vectors depends on it in the last digit. */
  private async recent(tx: Tx, ideaId: string, since: Date): Promise<StatisticsSnapshot['recent']> {
    const rows = await tx
      .selectFrom('ideas')
      .select('embedding')
      .where('id', '!=', ideaId)
      .where('opened_at', '>', since)
      .orderBy('opened_at', 'desc')
      .orderBy('id')
      .limit(maxIdeas)
      .execute();
    const vectors = rows.map(({ embedding }) => ({ embedding: fromBytes(embedding), weight: 1 }));
    return { ideas: rows.length, centroid: rows.length === 0 ? null : numbers(centroid(vectors)) };
  }

  private async sold(tx: Tx, ideaId: string): Promise<StatisticsSnapshot['sold']> {
    const rows = await tx
      .selectFrom('ideas')
      .select(['embedding', 'sales'])
      .where('id', '!=', ideaId)
      .where('sales', '>', '0')
      .orderBy('sales', 'desc')
      .orderBy('id')
      .limit(maxIdeas)
      .execute();
    const vectors = rows.map(({ embedding, sales }) => ({ embedding: fromBytes(embedding), weight: Number(sales) }));
    return { ideas: rows.length, centroid: rows.length === 0 ? null : numbers(centroid(vectors)) };
  }
}

/** Five digits are enough for a cosine, and a quarter of the size in the row. */
const numbers = (embedding: Embedding): number[] => Array.from(embedding, (x) => Math.round(x * 1e5) / 1e5);
