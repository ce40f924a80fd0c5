import { Injectable } from '@nestjs/common';
import type { AlertCondition } from '@signalpress/contracts';
import { Database, sql } from '@signalpress/persistence';
import type { Insertable, Transaction, Updateable } from '@signalpress/persistence';
import type {
  IncidentChange,
  IncidentChangeRow,
  IncidentRow,
  IncidentsTable,
  IncidentState,
  IncidentTables,
  NotificationRow,
} from './incidents.tables.js';

/** Serialises the checks of all instances: who concludes sees what was concluded before. */
const LOCK = 'signalpress monitoring incidents';
/** Entries of a history that are shown; the newest. */
const MOST_SHOWN = 200;

export interface PageWanted {
  readonly state: IncidentState | undefined;
  /** Incidents that were not resolved before this instant. */
  readonly since: Date;
  readonly after: { readonly openedAt: Date; readonly id: string } | undefined;
  readonly limit: number;
}

export type ShownNotification = Pick<
  NotificationRow,
  'opening' | 'action' | 'state' | 'attempts' | 'last_error' | 'created_at' | 'finished_at'
>;

@Injectable()
export class IncidentsRepository {
  constructor(private readonly db: Database<IncidentTables>) {}

  async lock(tx: Transaction<IncidentTables>): Promise<void> {
    await sql`select pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`.execute(tx);
  }

  /** The incident that matters of each dedup key: the one that stands, or else the one that was resolved last. Locked. */
  async latest(
    tx: Transaction<IncidentTables>,
    condition: AlertCondition,
    resolvedAfter: Date,
  ): Promise<Map<string, IncidentRow>> {
    const rows = await tx
      .selectFrom('incidents')
      .selectAll()
      .where('condition', '=', condition)
      .where((where) => where.or([where('state', '<>', 'resolved'), where('resolved_at', '>', resolvedAfter)]))
      .orderBy(sql`coalesce(resolved_at, 'infinity')`)
      .orderBy('incident_id')
      .forUpdate()
      .execute();
    return new Map(rows.map((row) => [row.dedup_key, row]));
  }

  insert(tx: Transaction<IncidentTables>, incident: Insertable<IncidentsTable>): Promise<IncidentRow> {
    return tx.insertInto('incidents').values(incident).returningAll().executeTakeFirstOrThrow();
  }

  update(tx: Transaction<IncidentTables>, id: string, values: Updateable<IncidentsTable>): Promise<IncidentRow> {
    return tx
      .updateTable('incidents')
      .set(values)
      .where('incident_id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  async changed(
    tx: Transaction<IncidentTables>,
    id: string,
    change: IncidentChange,
    at: Date,
    { by = 'monitoring', note = null }: { readonly by?: string; readonly note?: string | null } = {},
  ): Promise<void> {
    await tx.insertInto('incident_changes').values({ incident_id: id, change, at, by, note }).execute();
  }

  locked(tx: Transaction<IncidentTables>, id: string): Promise<IncidentRow | undefined> {
    return tx.selectFrom('incidents').selectAll().where('incident_id', '=', id).forUpdate().executeTakeFirst();
  }

  find(id: string): Promise<IncidentRow | undefined> {
    return this.db.kysely.selectFrom('incidents').selectAll().where('incident_id', '=', id).executeTakeFirst();
  }

  /** Newest first, one more than asked for. */
  page({ state, since, after, limit }: PageWanted): Promise<IncidentRow[]> {
    let query = this.db.kysely
      .selectFrom('incidents')
      .selectAll()
      .where((where) => where.or([where('resolved_at', 'is', null), where('resolved_at', '>=', since)]));
    if (state !== undefined) query = query.where('state', '=', state);
    if (after !== undefined)
      query = query.where(sql<boolean>`(opened_at, incident_id) < (${after.openedAt}, ${after.id}::uuid)`);
    return query
      .orderBy('opened_at', 'desc')
      .orderBy('incident_id', 'desc')
      .limit(limit + 1)
      .execute();
  }

  async history(id: string): Promise<IncidentChangeRow[]> {
    const newest = await this.db.kysely
      .selectFrom('incident_changes')
      .selectAll()
      .where('incident_id', '=', id)
      .orderBy('change_id', 'desc')
      .limit(MOST_SHOWN)
      .execute();
    return newest.toReversed();
  }

  async notifications(id: string): Promise<ShownNotification[]> {
    const newest = await this.db.kysely
      .selectFrom('incident_notifications')
      .select(['opening', 'action', 'state', 'attempts', 'last_error', 'created_at', 'finished_at'])
      .where('incident_id', '=', id)
      .orderBy('notification_id', 'desc')
      .limit(MOST_SHOWN)
      .execute();
    return newest.toReversed();
  }

  countByState(): Promise<{ condition: AlertCondition; state: IncidentState; count: number }[]> {
    return this.db.kysely
      .selectFrom('incidents')
      .select(['condition', 'state', sql<number>`count(*)::integer`.as('count')])
      .groupBy(['condition', 'state'])
      .execute();
  }

  /** Removes what was resolved before then, with all that belongs to it. */
  async prune(tx: Transaction<IncidentTables>, before: Date, most: number): Promise<void> {
    await sql`delete from incidents where incident_id in
      (select incident_id from incidents where resolved_at < ${before} limit ${most})`.execute(tx);
  }
}
