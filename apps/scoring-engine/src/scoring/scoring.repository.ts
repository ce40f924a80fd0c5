import { Injectable } from '@nestjs/common';
import { Database } from '@signalpress/persistence';
import type { Kysely, Selectable, Transaction } from '@signalpress/persistence';
import { scoredSignal } from '../score/inputs.js';
import type { ScoredSignal } from '../score/inputs.js';
import { weightShares } from '../score/weights.js';
import type { Weights } from '../score/weights.js';
import { toBytes } from '../text/embedding.js';
import type { Embedding } from '../text/embedding.js';
import type { ScoresTable, ScoringTables } from './scoring.tables.js';

type Tx = Transaction<ScoringTables>;

/** What `ideas.scored` carries at most; further signals count for nothing but the wait. */
const maxSignals = 500;

export interface IdeaToScore {
  readonly id: string;
  readonly foundingSignalId: string;
  readonly foundingCapturedAt: Date;
  readonly duplicateOf: string | null;
  /** The founding one first, then in the order in which they joined. */
  readonly signals: readonly ScoredSignal[];
}

export type StoredScore = Selectable<ScoresTable> & {
  /** Place in the list of ideas, for paging. */
  readonly position: string;
  readonly duplicate_of: string | null;
  readonly state: 'open' | 'approved' | 'rejected';
};

@Injectable()
export class ScoringRepository {
  constructor(private readonly db: Database<ScoringTables>) {}

  /** The idea with its signals, or undefined when it is gone. A signal that joins waits until the transaction has ended. */
  async ideaToScore(tx: Tx, ideaId: string): Promise<IdeaToScore | undefined> {
    const ideas = tx.selectFrom('ideas').selectAll().where('id', '=', ideaId).forNoKeyUpdate();
    const idea = await ideas.executeTakeFirst();
    if (idea === undefined) return undefined;
    const rows = await tx
      .selectFrom('signals')
      .selectAll()
      .where('idea_id', '=', ideaId)
      .orderBy('position')
      .limit(maxSignals)
      .execute();
    const signals = rows.map((row) =>
      scoredSignal.parse({
        signalId: row.id,
        source: row.source,
        title: row.title,
        summary: row.summary,
        topics: row.topics,
        publishedAt: row.published_at?.toISOString() ?? null,
        capturedAt: row.captured_at.toISOString(),
        engagement: row.engagement,
      }),
    );
    return {
      id: idea.id,
      foundingSignalId: idea.founding_signal_id,
      foundingCapturedAt: idea.founding_captured_at,
      duplicateOf: idea.duplicate_of,
      signals,
    };
  }

  /** Counts the score, ends the gather window, and answers with the score's revision. */
  async nextRevision(tx: Tx, ideaId: string, embedding: Embedding): Promise<number> {
    const { revision } = await tx
      .updateTable('ideas')
      .set((eb) => ({ revision: eb('revision', '+', 1), gathering_since: null, embedding: toBytes(embedding) }))
      .where('id', '=', ideaId)
      .returning('revision')
      .executeTakeFirstOrThrow();
    return revision;
  }

  async currentWeights(tx: Tx): Promise<Weights> {
    const row = await tx
      .selectFrom('weights')
      .select(['version', 'shares'])
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    return { version: row.version, shares: weightShares.parse(row.shares) };
  }

  async addScore(tx: Tx, score: Selectable<ScoresTable>): Promise<void> {
    await tx
      .insertInto('scores')
      .values({
        ...score,
        breakdown: JSON.stringify(score.breakdown),
        inputs: JSON.stringify(score.inputs),
        copy: JSON.stringify(score.copy),
        safety: JSON.stringify(score.safety),
      })
      .execute();
  }

  /** The newest score of an idea. */
  async find(ideaId: string): Promise<StoredScore | undefined> {
    return await newestScores(this.db.kysely).where('ideas.id', '=', ideaId).executeTakeFirst();
  }

  /** Newest scores of the ideas opened before `before`, the last opened first. */
  async page(limit: number, before: string | undefined): Promise<StoredScore[]> {
    const scores = newestScores(this.db.kysely).orderBy('ideas.position', 'desc').limit(limit);
    return await (before === undefined ? scores : scores.where('ideas.position', '<', before)).execute();
  }
}

/** Scores of earlier revisions are kept for the record; nobody asks for them in a list. */
function newestScores(db: Kysely<ScoringTables>) {
  return db
    .selectFrom('ideas')
    .innerJoin('scores', (join) =>
      join.onRef('scores.idea_id', '=', 'ideas.id').onRef('scores.revision', '=', 'ideas.revision'),
    )
    .selectAll('scores')
    .select(['ideas.position', 'ideas.duplicate_of', 'ideas.state']);
}
