import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { DriftFigures } from './listing-sync.check.js';
import type { QueueFigures } from './queue-backlog.check.js';

/** Listings that an incident names. */
const NAMED = 10;

/** Figures that only the checks ask for. */
@Injectable()
export class ChecksRepository {
  constructor(private readonly db: Database) {}

  /**
   * The newest sample of each queue, and for how long all samples up to it were above the limit; only samples are evidence, so
   * it cannot be longer than they reach back.
   *
   * @returns undefined when there is no fresh sample of any queue: then nobody knows
   */
  async queues(
    now: Date,
    wanted: { readonly limit: number; readonly seconds: number; readonly freshSeconds: number },
  ): Promise<QueueFigures[] | undefined> {
    const reach = 2 * wanted.seconds + wanted.freshSeconds;
    const { rows } = await sql<QueueFigures>`
      with sampled as (
        select * from queue_lengths
        where time > ${now}::timestamptz - make_interval(secs => ${reach}) and time <= ${now}
      ), newest as (
        select distinct on (topic, consumer_group) * from sampled order by topic, consumer_group, time desc
      )
      select n.topic, n.consumer_group as "group", n.length::float8 as length, n.oldest_age_seconds as "oldestAgeSeconds",
        coalesce(extract(epoch from n.time - above.since), 0)::float8 as "aboveSeconds"
      from newest n, lateral (
        select min(s.time) as since from sampled s
        where s.topic = n.topic and s.consumer_group = n.consumer_group and s.time > coalesce((
          select max(l.time) from sampled l
          where l.topic = n.topic and l.consumer_group = n.consumer_group and l.length <= ${wanted.limit}), '-infinity')
      ) above
      where n.time > ${now}::timestamptz - make_interval(secs => ${wanted.freshSeconds})
      order by n.consumer_group, n.topic`.execute(this.db.kysely);
    return rows.length === 0 ? undefined : rows;
  }

  async drifts(now: Date): Promise<DriftFigures> {
    const { rows } = await sql<{
      listings: number;
      kinds: Record<string, number> | null;
      ids: string[] | null;
      seconds: number | null;
    }>`
      with drifting as (select * from listing_drifts_current)
      select (select count(*)::integer from drifting) as listings,
        (select jsonb_object_agg(kind, count) from (
          select kind, count(*)::integer as count from drifting, unnest(kinds) as kind group by kind) k) as kinds,
        (select array_agg(name) from (
          select marketplace || '/' || listing_id as name from drifting order by since, listing_id limit ${NAMED}) n) as ids,
        (select extract(epoch from ${now}::timestamptz - min(since))::float8 from drifting) as seconds`.execute(
      this.db.kysely,
    );
    const row = rows[0];
    return {
      listings: row?.listings ?? 0,
      kinds: row?.kinds ?? {},
      listingIds: row?.ids ?? [],
      oldestSeconds: row?.seconds ?? null,
    };
  }
}
