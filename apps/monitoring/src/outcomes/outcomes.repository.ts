import { Injectable } from '@nestjs/common';
import type { Progress, SignalOutcome } from '@signalpress/contracts';
import { Database, sql } from '@signalpress/persistence';
import type { MonitoringTables } from '../read-model/read-model.tables.js';

/** One signal of an ingestion with what is known of its idea. */
export interface OutcomeRow {
  readonly signalId: string;
  readonly ideaId: string | null;
  readonly outcome: SignalOutcome['outcome'] | null;
  readonly detail: string | null;
  readonly publishLatencyMs: number | null;
  /** Pages that are still there. */
  readonly urls: string[];
}

/** Counts and outcomes as the database knows them. */
@Injectable()
export class OutcomesRepository {
  constructor(private readonly db: Database<MonitoringTables>) {}

  /** The signals of an ingestion in the order of their capture. */
  async ofIngestion(ingestionId: string, limit: number): Promise<OutcomeRow[]> {
    const { rows } = await sql<OutcomeRow>`
      select
        signals.signal_id as "signalId",
        signal_ideas.idea_id as "ideaId",
        ideas.outcome as outcome,
        ideas.outcome_detail as detail,
        ideas.publish_latency_ms as "publishLatencyMs",
        array(
          select url from listings
          where listings.idea_id = ideas.idea_id and (ideas.withdrawn_at is null or listings.published_at > ideas.withdrawn_at)
          order by published_at, url
        ) as urls
      from signals
      left join signal_ideas using (signal_id)
      left join ideas on ideas.idea_id = signal_ideas.idea_id
      where signals.ingestion_id = ${ingestionId}
      order by signals.captured_at, signals.signal_id
      limit ${limit}`.execute(this.db.kysely);
    return rows;
  }

  async progress(): Promise<Progress> {
    const { rows } = await sql<Omit<Progress, 'publishLatencyMs'> & { p50: number | null; p95: number | null }>`
      select
        (select count(*) from signals)::integer as signals,
        (select count(*) from listings)::integer as listings,
        count(*)::integer as ideas,
        (count(*) filter (where decision = 'approved'))::integer as approved,
        (count(*) filter (where decision = 'rejected'))::integer as rejected,
        (count(*) filter (where outcome = 'held'))::integer as held,
        (count(*) filter (where outcome = 'deferred'))::integer as deferred,
        (count(*) filter (where outcome = 'failed'))::integer as failed,
        (count(*) filter (where mockups_at is not null))::integer as mockups,
        percentile_cont(0.5) within group (order by publish_latency_ms) as p50,
        percentile_cont(0.95) within group (order by publish_latency_ms) as p95
      from ideas`.execute(this.db.kysely);
    const [row] = rows;
    if (row === undefined) throw new Error('a count always has a row');
    const { p50, p95, ...counts } = row;
    return { ...counts, publishLatencyMs: p50 === null || p95 === null ? null : { p50, p95 } };
  }
}
