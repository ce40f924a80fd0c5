import { sql } from '@signalpress/persistence';
import type { Database, Transaction } from '@signalpress/persistence';
import type { OutgoingEvent, PartitionLag, QueueLength } from '../transport.js';

/** Fixed for good: a key's partition is its hash modulo this number. */
export const PARTITIONS = 8;
/** Told after each append, with the types that were appended. */
export const EVENTS_CHANNEL = 'signalpress_events';
const LOCK_NAMESPACE = 'signalpress.events';
const PRUNE_BATCH = 1_000;

/** 32-bit FNV-1a of the UTF-8 bytes (http://www.isthe.com/chongo/tech/comp/fnv/), modulo the number of partitions. */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % PARTITIONS;
}

export interface LogRecord {
  readonly position: number;
  readonly type: string;
  /** null when the type was not asked for. */
  readonly envelope: unknown;
  /** Age in milliseconds when it was read. */
  readonly ageMs: number;
}

/** The append-only log in the schema `events`. */
export class PostgresLog {
  constructor(private readonly db: Database) {}

  async append(events: readonly OutgoingEvent[], tx: Transaction<unknown>): Promise<void> {
    if (events.length === 0) return;
    const partitions = events.map((event) => partitionOf(event.key));
    const sorted = [...new Set(partitions)].sort((a, b) => a - b);
    // Held until the commit, so that positions become visible in order. A statement of its own: the next one's snapshot
    // must be younger than the locks. Everybody locks in the same order, so appenders never wait in a circle.
    await sql`
      select pg_advisory_xact_lock(hashtext(${LOCK_NAMESPACE}), partition)
      from (select unnest(${sorted}::int[]) as partition) as wanted`.execute(tx);
    await sql`
      with incoming as (
        select * from unnest(
          ${partitions}::int[],
          ${events.map((event) => event.type)}::text[],
          ${events.map((event) => event.envelope)}::text[],
          ${events.map((event) => event.recordedAt)}::timestamptz[]
        ) with ordinality as t (partition, type, envelope, recorded_at, ordinal)
      ), heads as (
        update events.partitions p set head = p.head + c.count
        from (select partition, count(*) from incoming group by partition) c
        where p.partition = c.partition
        returning p.partition, p.head - c.count as base
      ), appended as (
        insert into events.log (partition, position, type, envelope, recorded_at)
        select i.partition, h.base + row_number() over (partition by i.partition order by i.ordinal),
          i.type, i.envelope::json, i.recorded_at
        from incoming i join heads h on h.partition = i.partition
      )
      select pg_notify(${EVENTS_CHANNEL}, ${[...new Set(events.map((event) => event.type))].join(',')})`.execute(tx);
  }

  /** The newest position of each partition. */
  async heads(): Promise<Map<number, number>> {
    const { rows } = await sql<{ partition: number; head: string }>`
      select partition, head from events.partitions`.execute(this.db.kysely);
    return new Map(rows.map((row) => [row.partition, Number(row.head)]));
  }

  /** The next records of a partition, all types, the data of `types` only. */
  async read(partition: number, after: number, types: ReadonlySet<string>, limit: number): Promise<LogRecord[]> {
    const { rows } = await sql<{ position: string; type: string; envelope: unknown; age_ms: number }>`
      select position, type, case when type = any(${[...types]}::text[]) then envelope end as envelope,
        (extract(epoch from clock_timestamp() - recorded_at) * 1000)::float8 as age_ms
      from events.log
      where partition = ${partition} and position > ${after}
      order by position limit ${limit}`.execute(this.db.kysely);
    return rows.map((row) => ({
      position: Number(row.position),
      type: row.type,
      envelope: row.envelope,
      ageMs: row.age_ms,
    }));
  }

  async lag(group: string): Promise<PartitionLag[]> {
    const { rows } = await sql<{ partition: number; events: string }>`
      select p.partition, p.head - coalesce(o.position, 0) as events
      from events.partitions p
      left join events.offsets o on o.partition = p.partition and o.group_name = ${group}
      order by p.partition`.execute(this.db.kysely);
    return rows.map((row) => ({ partition: row.partition, events: Number(row.events) }));
  }

  async queues(): Promise<QueueLength[]> {
    const { rows } = await sql<QueueLength>`
      with waiting as (
        select o.group_name, l.type, count(*)::integer as events,
          greatest(0, extract(epoch from clock_timestamp() - min(l.recorded_at)))::float8 as age
        from events.offsets o join events.log l on l.partition = o.partition and l.position > o.position
        group by o.group_name, l.type)
      select s.type as topic, s.group_name as "group", coalesce(w.events, 0) as events, w.age as "oldestAgeSeconds"
      from events.subscriptions s left join waiting w using (group_name, type)
      order by s.type, s.group_name`.execute(this.db.kysely);
    return rows;
  }

  async prune(olderThanDays: number): Promise<number> {
    let pruned = 0;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for (let gone = PRUNE_BATCH; gone === PRUNE_BATCH; pruned += gone)
        gone = await this.pruneOldest(partition, olderThanDays);
    }
    return pruned;
  }

  /** Age grows towards the front of the log, so looking at the front is enough. */
  private async pruneOldest(partition: number, olderThanDays: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from events.log l using (
        select position, appended_at from events.log
        where partition = ${partition}
          and position <= (select min(position) from events.offsets where partition = ${partition})
        order by position limit ${PRUNE_BATCH}
      ) as oldest
      where l.partition = ${partition} and l.position = oldest.position
        and oldest.appended_at < clock_timestamp() - make_interval(days => ${olderThanDays})`.execute(this.db.kysely);
    return Number(numAffectedRows ?? 0n);
  }
}
