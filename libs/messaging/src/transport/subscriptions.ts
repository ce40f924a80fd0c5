import { sql } from '@signalpress/persistence';
import type { Database } from '@signalpress/persistence';

/** What a group handles. */
export interface GroupTypes {
  readonly group: string;
  readonly types: readonly string[];
}

/** Which group handles which types, so that the length of a queue can be told by type; shared by all services. */
export class Subscriptions {
  constructor(private readonly db: Database) {}

  /** Tells what the group handles; a type that it has not handled for a day is forgotten. */
  async tell(group: string, types: ReadonlySet<string>): Promise<void> {
    const handled = [...types].sort();
    await sql`
      with forgotten as (
        delete from events.subscriptions where group_name = ${group} and type <> all(${handled}::text[])
          and seen_at < clock_timestamp() - interval '1 day'
      )
      insert into events.subscriptions (group_name, type, seen_at)
      select ${group}, type, clock_timestamp() from unnest(${handled}::text[]) as type
      on conflict (group_name, type) do update set seen_at = excluded.seen_at`.execute(this.db.kysely);
  }

  async all(): Promise<GroupTypes[]> {
    const { rows } = await sql<{ group_name: string; types: string[] }>`
      select group_name, array_agg(type order by type) as types from events.subscriptions
      group by group_name order by group_name`.execute(this.db.kysely);
    return rows.map((row) => ({ group: row.group_name, types: row.types }));
  }
}
