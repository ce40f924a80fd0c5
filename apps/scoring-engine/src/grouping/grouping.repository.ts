import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import type { TraceContext } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import type { ScoringTables } from '../scoring/scoring.tables.js';
import { fromBytes, toBytes } from '../text/embedding.js';
import type { Statement } from './same-idea.js';

/** A signal of an earlier idea that shares words with a new one. */
export interface Candidate extends Statement {
  readonly ideaId: string;
}

/** What the gather window of an idea needs to know. */
export interface GatheringIdea {
  readonly id: string;
  readonly openedAt: Date;
  readonly trace: TraceContext | null;
  /** Milliseconds since the first signal that waits to be scored; undefined when none waited. */
  readonly gatheringForMs: number | undefined;
}

type Tx = Transaction<ScoringTables>;

/** More candidates than this share words by chance; those with the most words in common come first. */
const maxCandidates = 100;

@Injectable()
export class GroupingRepository {
  /** One signal at a time finds or opens its idea, over all instances: two that say the same must see each other. */
  async serialise(tx: Tx): Promise<void> {
    await sql`select pg_advisory_xact_lock(hashtextextended('signalpress.scoring.grouping', 0))`.execute(tx);
  }

  async knows(tx: Tx, signalId: string): Promise<boolean> {
    return (await tx.selectFrom('signals').select('id').where('id', '=', signalId).executeTakeFirst()) !== undefined;
  }

  /** Signals of ideas that are open since `since`. */
  async openCandidates(tx: Tx, stems: readonly string[], since: Date): Promise<Candidate[]> {
    return await this.candidates(tx, stems, sql<boolean>`ideas.state = 'open' and ideas.opened_at >= ${since}`);
  }

  /** Signals of ideas that were decided since `since` and stand for what they say. */
  async decidedCandidates(tx: Tx, stems: readonly string[], since: Date): Promise<Candidate[]> {
    return await this.candidates(tx, stems, sql<boolean>`ideas.shadows and ideas.closed_at >= ${since}`);
  }

  async addSignal(tx: Tx, ideaId: string, signal: EventData<'signals.ingested'>, statement: Statement): Promise<void> {
    await tx
      .insertInto('signals')
      .values({
        id: signal.signalId,
        idea_id: ideaId,
        source: signal.source,
        title: signal.title,
        summary: signal.summary,
        topics: signal.topics,
        published_at: signal.publishedAt,
        captured_at: signal.capturedAt,
        engagement: signal.engagement,
        stems: [...statement.stems],
        embedding: toBytes(statement.embedding),
      })
      .execute();
  }

  async openIdea(
    tx: Tx,
    idea: { id: string; openedAt: Date; duplicateOf: string | null; trace: TraceContext | undefined },
    signal: EventData<'signals.ingested'>,
    { embedding }: Statement,
  ): Promise<void> {
    await tx
      .insertInto('ideas')
      .values({
        id: idea.id,
        founding_signal_id: signal.signalId,
        founding_captured_at: signal.capturedAt,
        opened_at: idea.openedAt,
        duplicate_of: idea.duplicateOf,
        embedding: toBytes(embedding),
        trace: idea.trace === undefined ? null : JSON.stringify(idea.trace),
      })
      .execute();
  }

  /** Notes that something waits to be scored, and since when. A score that is being written comes first. */
  async gather(tx: Tx, ideaId: string): Promise<GatheringIdea> {
    const row = await tx
      .selectFrom('ideas')
      .select([
        'id',
        'opened_at',
        'trace',
        sql<number | null>`extract(epoch from clock_timestamp() - gathering_since)::double precision`.as('seconds'),
      ])
      .where('id', '=', ideaId)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const idea = { id: row.id, openedAt: row.opened_at, trace: row.trace };
    if (row.seconds !== null) return { ...idea, gatheringForMs: row.seconds * 1_000 };
    await tx
      .updateTable('ideas')
      .set({ gathering_since: sql<Date>`clock_timestamp()` })
      .where('id', '=', ideaId)
      .execute();
    return { ...idea, gatheringForMs: undefined };
  }

  private async candidates(
    tx: Tx,
    stems: readonly string[],
    condition: ReturnType<typeof sql<boolean>>,
  ): Promise<Candidate[]> {
    if (stems.length === 0) return [];
    const words = sql<string[]>`${[...stems]}::text[]`;
    const shared = sql<number>`(select count(*) from unnest(signals.stems) word where word = any (${words}))`;
    const rows = await tx
      .selectFrom('signals')
      .innerJoin('ideas', 'ideas.id', 'signals.idea_id')
      .select(['signals.idea_id', 'signals.stems', 'signals.embedding'])
      .where(sql<boolean>`signals.stems && ${words}`)
      .where(condition)
      .orderBy(shared, 'desc')
      .orderBy('signals.position')
      .limit(maxCandidates)
      .execute();
    return rows.map((row) => ({ ideaId: row.idea_id, stems: row.stems, embedding: fromBytes(row.embedding) }));
  }
}
