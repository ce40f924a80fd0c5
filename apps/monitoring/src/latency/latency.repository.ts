import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { MonitoringTables } from '../read-model/read-model.tables.js';

/** Statistics over durations, in milliseconds; null when there are none. */
export interface DurationStatistics {
  readonly count: number;
  readonly meanMs: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

export interface StageStatistics extends DurationStatistics {
  readonly stage: string;
}

export interface SlowIdea {
  readonly ideaId: string;
  readonly phrase: string | null;
  readonly latencyMs: number;
  readonly heldSeconds: number;
  readonly publishedAt: Date;
}

/** Figures over `duration`, a column in milliseconds. Rows where it is null do not count. */
const statistics = sql<DurationStatistics>`
  count(duration)::integer as count,
  avg(duration) as "meanMs",
  percentile_cont(0.5) within group (order by duration) as "p50Ms",
  percentile_cont(0.95) within group (order by duration) as "p95Ms",
  max(duration) as "maxMs"`;

/** Publish latency as the database knows it. Ideas count when their first listing lies in the window. */
@Injectable()
export class LatencyRepository {
  constructor(private readonly db: Database<MonitoringTables>) {}

  async overall(from: Date): Promise<DurationStatistics> {
    const { rows } = await sql<DurationStatistics>`
      select ${statistics}
      from (select publish_latency_ms as duration from ideas where published_at >= ${from}) as listed`.execute(
      this.db.kysely,
    );
    return rows[0] ?? { count: 0, meanMs: null, p50Ms: null, p95Ms: null, maxMs: null };
  }

  /** The four stages of an idea's way; together they are its publish latency. Time held lies between score and decision. */
  async stages(from: Date): Promise<StageStatistics[]> {
    const { rows } = await sql<StageStatistics>`
      select stage, ${statistics}
      from ideas cross join lateral (values
        (1, 'ingest-to-score', scored_at - founding_captured_at),
        (2, 'score-to-decide', approved_at - scored_at - make_interval(secs => held_seconds)),
        (3, 'decide-to-mockup', mockups_at - approved_at),
        (4, 'mockup-to-list', published_at - mockups_at)
      ) as stages (position, stage, span)
      cross join lateral (select greatest(0, extract(epoch from span) * 1000)::float8 as duration where span is not null) as d
      where published_at >= ${from}
      group by position, stage
      order by position`.execute(this.db.kysely);
    return rows;
  }

  async slowest(from: Date, limit: number): Promise<SlowIdea[]> {
    return this.db.kysely
      .selectFrom('ideas')
      .select([
        'idea_id as ideaId',
        'phrase',
        sql<number>`publish_latency_ms`.as('latencyMs'),
        sql<number>`coalesce(held_seconds, 0)`.as('heldSeconds'),
        sql<Date>`published_at`.as('publishedAt'),
      ])
      .where('published_at', '>=', from)
      .orderBy('publish_latency_ms', 'desc')
      .orderBy('idea_id')
      .limit(limit)
      .execute();
  }

  /** When the founding signal of the oldest idea that is still under way was captured. */
  async oldestUnpublished(): Promise<Date | null> {
    const oldest = await this.db.kysely
      .selectFrom('ideas')
      .select(({ fn }) => fn.min('founding_captured_at').as('capturedAt'))
      .where('outcome', '=', 'pending')
      .executeTakeFirst();
    return oldest?.capturedAt ?? null;
  }

  async countByOutcome(): Promise<{ outcome: string; count: number }[]> {
    const count = sql<number>`count(*)::integer`.as('count');
    return this.db.kysely.selectFrom('ideas').select(['outcome', count]).groupBy('outcome').execute();
  }
}
