import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { SelectQueryBuilder } from '@signalpress/persistence';
import type { HoldRow, IdeaRow, OrchestratorTables, TransitionRow } from '../workflow/workflow.tables.js';
import type { ListQuery } from './ideas.schemas.js';

/** Most steps of one idea's history that are shown. */
const HISTORY_LIMIT = 500;

/** What is read for people: pages of ideas, one idea with all that happened to it, counts for metrics. */
@Injectable()
export class IdeasRepository {
  constructor(private readonly db: Database<OrchestratorTables>) {}

  /** Newest first; one more than asked for, so that the caller knows whether there is a next page. */
  async page({ state, limit, cursor }: ListQuery): Promise<IdeaRow[]> {
    let query: SelectQueryBuilder<OrchestratorTables, 'ideas', IdeaRow> = this.db.kysely
      .selectFrom('ideas')
      .selectAll();
    if (state !== undefined) query = query.where('state', '=', state);
    if (cursor !== undefined) {
      const { createdAt, ideaId } = cursor;
      query = query.where(sql<boolean>`(created_at, idea_id) < (${createdAt}, ${ideaId}::uuid)`);
    }
    return query
      .orderBy('created_at', 'desc')
      .orderBy('idea_id', 'desc')
      .limit(limit + 1)
      .execute();
  }

  async find(ideaId: string): Promise<IdeaRow | undefined> {
    return this.db.kysely.selectFrom('ideas').selectAll().where('idea_id', '=', ideaId).executeTakeFirst();
  }

  async history(ideaId: string): Promise<TransitionRow[]> {
    const query = this.db.kysely.selectFrom('transitions').selectAll().where('idea_id', '=', ideaId);
    return query.orderBy('id').limit(HISTORY_LIMIT).execute();
  }

  async holds(ideaId: string): Promise<HoldRow[]> {
    const query = this.db.kysely.selectFrom('holds').selectAll().where('idea_id', '=', ideaId);
    return query.orderBy('id').limit(HISTORY_LIMIT).execute();
  }

  async countByState(): Promise<{ state: string; count: number }[]> {
    const count = sql<number>`count(*)::integer`.as('count');
    return this.db.kysely.selectFrom('ideas').select(['state', count]).groupBy('state').execute();
  }

  /** Seconds since the longest waiting idea of each working state came into it. */
  async oldestInWork(now: Date): Promise<{ state: string; seconds: number }[]> {
    const seconds = sql<number>`greatest(0, extract(epoch from ${now}::timestamptz - min(updated_at)))::float8`;
    return this.db.kysely
      .selectFrom('ideas')
      .select(['state', seconds.as('seconds')])
      .where('state', 'in', ['rendering', 'listing', 'withdrawing'])
      .groupBy('state')
      .execute();
  }
}
