import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import type {
  IncidentTables,
  NotificationAction,
  NotificationRow,
  NotificationState,
} from '../incidents/incidents.tables.js';
import type { PagerDutyEvent } from './pagerduty.event.js';

/** What is to be told, with what its delivery depends on. */
export interface NextNotification extends Pick<NotificationRow, 'notification_id' | 'incident_id' | 'action' | 'body'> {
  readonly overdue: boolean;
  /** What became of the trigger that it follows; null for a trigger. */
  readonly triggerState: NotificationState | null;
}

export interface NewNotification {
  readonly incidentId: string;
  readonly dedupKey: string;
  readonly opening: number;
  readonly action: NotificationAction;
  readonly event: PagerDutyEvent;
}

/** Longer than any outage of PagerDuty. What could not be told by then is told nobody any more. */
const DEADLINE_DAYS = 3;
/** A notification that nobody has tried for so long has lost its job; the longest pause between two tries is an hour. */
const LOST_AFTER_MINUTES = 70;
const LOST_BATCH = 100;

/** The table `incident_notifications`: a queue for each dedup key, told in order. */
@Injectable()
export class NotificationsRepository {
  constructor(private readonly db: Database<IncidentTables>) {}

  /** Once for each opening of an incident and each action. */
  async insert(
    tx: Transaction<IncidentTables>,
    { incidentId, dedupKey, opening, action, event }: NewNotification,
  ): Promise<void> {
    await tx
      .insertInto('incident_notifications')
      .values({
        incident_id: incidentId,
        dedup_key: dedupKey,
        opening,
        action,
        body: JSON.stringify(event),
        deadline: sql<Date>`clock_timestamp() + make_interval(days => ${DEADLINE_DAYS})`,
      })
      .onConflict((conflict) => conflict.columns(['incident_id', 'opening', 'action']).doNothing())
      .execute();
  }

  async next(dedupKey: string): Promise<NextNotification | undefined> {
    const { rows } = await sql<NextNotification>`
      select n.notification_id, n.incident_id, n.action, n.body, n.deadline < clock_timestamp() as overdue,
        t.state as "triggerState"
      from incident_notifications n
      left join incident_notifications t
        on t.incident_id = n.incident_id and t.opening = n.opening and t.action = 'trigger' and n.action <> 'trigger'
      where n.dedup_key = ${dedupKey} and n.state = 'waiting'
      order by n.notification_id limit 1`.execute(this.db.kysely);
    return rows[0];
  }

  /** A try that failed; the row goes on waiting. */
  async failed(id: string, error: string): Promise<void> {
    await sql`
      update incident_notifications
      set attempts = attempts + 1, last_attempt_at = clock_timestamp(), last_error = ${error.slice(0, 2_000)}
      where notification_id = ${id} and state = 'waiting'`.execute(this.db.kysely);
  }

  /** @param tried whether PagerDuty was asked this time */
  async finish(
    tx: Transaction<IncidentTables>,
    id: string,
    end: { readonly state: NotificationState; readonly error?: string; readonly tried: boolean },
  ): Promise<void> {
    const tried = end.tried ? 1 : 0;
    await sql`
      update incident_notifications
      set state = ${end.state}, finished_at = clock_timestamp(), attempts = attempts + ${tried},
        last_attempt_at = case when ${tried} = 1 then clock_timestamp() else last_attempt_at end,
        last_error = coalesce(${end.error?.slice(0, 2_000) ?? null}, last_error)
      where notification_id = ${id} and state = 'waiting'`.execute(tx);
  }

  async isWaiting(tx: Transaction<IncidentTables>, dedupKey: string): Promise<boolean> {
    const row = await tx
      .selectFrom('incident_notifications')
      .select('notification_id')
      .where('dedup_key', '=', dedupKey)
      .where('state', '=', 'waiting')
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Dedup keys whose notifications wait although nobody tries: their job became a dead letter. */
  async lostKeys(tx: Transaction<IncidentTables>): Promise<string[]> {
    const { rows } = await sql<{ dedup_key: string }>`
      select dedup_key from incident_notifications where state = 'waiting'
      group by dedup_key
      having max(coalesce(last_attempt_at, created_at)) < clock_timestamp() - make_interval(mins => ${LOST_AFTER_MINUTES})
      limit ${LOST_BATCH}`.execute(tx);
    return rows.map(({ dedup_key: key }) => key);
  }
}
