import { Injectable } from '@nestjs/common';
import { Database } from '@signalpress/persistence';
import type { IdeaEventRow, IdeaRow, MonitoringTables } from '../read-model/read-model.tables.js';

@Injectable()
export class TimelineRepository {
  constructor(private readonly db: Database<MonitoringTables>) {}

  async idea(ideaId: string): Promise<IdeaRow | undefined> {
    return this.db.kysely.selectFrom('ideas').selectAll().where('idea_id', '=', ideaId).executeTakeFirst();
  }

  /** The oldest events of an idea and of its signals. */
  async events(ideaId: string, limit: number): Promise<IdeaEventRow[]> {
    const ofIdea = this.db.kysely.selectFrom('idea_events').selectAll().where('idea_id', '=', ideaId);
    const signals = this.db.kysely.selectFrom('signal_ideas').select('signal_id').where('idea_id', '=', ideaId);
    const ofSignals = this.db.kysely.selectFrom('idea_events').selectAll().where('signal_id', 'in', signals);
    return ofIdea.unionAll(ofSignals).orderBy('at').limit(limit).execute();
  }
}
