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

export interface SourceStatistics extends DurationStatistics {
  readonly source: string;
  readonly marketplace: string;
}

/** In the order of an idea's way; the first four together are its publish latency, and the time held lies apart. */
export const stageNames = ['ingest-to-score', 'score-to-decide', 'decide-to-mockup', 'mockup-to-list', 'held'] as const;
const MOST_SOURCES = 200;

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

  /** The stages that ended in the window, holds apart. */
  async stages(from: Date): Promise<StageStatistics[]> {
    const { rows } = await sql<StageStatistics>`
      select stage, ${statistics}
      from (select stage, seconds * 1000 as duration from stage_durations where time >= ${from}) as ended
      group by stage
      order by array_position(${[...stageNames]}::text[], stage)`.execute(this.db.kysely);
    return rows;
  }

  /** By where the founding signal came from and where it was listed. */
  async bySource(from: Date): Promise<SourceStatistics[]> {
    const { rows } = await sql<SourceStatistics>`
      select source, marketplace, ${statistics}
      from (select source, marketplace, latency_seconds * 1000 as duration from publish_latency where time >= ${from}) as listed
      group by source, marketplace order by source, marketplace limit ${MOST_SOURCES}`.execute(this.db.kysely);
    return rows;
  }

  /** @param after the idea before the first; without, the slowest is the first */
  async slowest(from: Date, limit: number, after?: { value: number; id: string }): Promise<SlowIdea[]> {
    let ideas = this.db.kysely
      .selectFrom('ideas')
      .select([
        'idea_id as ideaId',
        'phrase',
        sql<number>`publish_latency_ms`.as('latencyMs'),
        sql<number>`coalesce(held_seconds, 0)`.as('heldSeconds'),
        sql<Date>`published_at`.as('publishedAt'),
      ])
      .where('published_at', '>=', from);
    if (after !== undefined) {
      // The order goes down and then up, which a comparison of rows cannot say.
      ideas = ideas.where(
        sql<boolean>`(publish_latency_ms < ${after.value} or (publish_latency_ms = ${after.value} and idea_id > ${after.id}::uuid))`,
      );
    }
    return ideas.orderBy('publish_latency_ms', 'desc').orderBy('idea_id').limit(limit).execute();
  }

  async countByOutcome(): Promise<{ outcome: string; count: number }[]> {
    const count = sql<number>`count(*)::integer`.as('count');
    return this.db.kysely.selectFrom('ideas').select(['outcome', count]).groupBy('outcome').execute();
  }

  /** Every kind, also those that no listing shows now. */
  async countDrifts(): Promise<{ kind: string; count: number }[]> {
    const { rows } = await sql<{ kind: string; count: number }>`
      select kind, count(listing_id)::integer as count
      from unnest(array['removed', 'flagged', 'price', 'title']) as kind
      left join listing_drifts_current on kind = any(kinds) group by kind`.execute(this.db.kysely);
    return rows;
  }
}
