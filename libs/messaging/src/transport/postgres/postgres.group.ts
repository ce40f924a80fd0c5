import { sql } from '@signalpress/persistence';
import type { Database, Transaction } from '@signalpress/persistence';
import { FencedError } from '../../messaging.errors.js';

/** Told when a group's members should share out its partitions anew; the payload is the group. */
export const LEASES_CHANNEL = 'signalpress_leases';

/** A partition that a member owns, from `position` on, as long as the epoch is its own. */
export interface Lease {
  readonly partition: number;
  readonly epoch: number;
  readonly position: number;
}

/** Who of a consumer group owns which partition, and how far the group is. */
export class PostgresGroup {
  constructor(
    private readonly db: Database,
    readonly group: string,
    readonly memberId: string,
    private readonly leaseMs: number,
  ) {}

  /** Tells that we live, and answers how many members do. */
  async heartbeat(): Promise<number> {
    const { rows } = await sql<{ others: string }>`
      with self as (
        insert into events.members (group_name, member_id, expires_at)
        values (${this.group}, ${this.memberId}, ${this.leaseEnd()})
        on conflict (group_name, member_id) do update set expires_at = excluded.expires_at
      ), gone as (
        delete from events.members where group_name = ${this.group} and expires_at < clock_timestamp() - interval '1 hour'
      )
      select count(*) as others from events.members
      where group_name = ${this.group} and member_id <> ${this.memberId} and expires_at > clock_timestamp()`.execute(
      this.db.kysely,
    );
    return Number(rows[0]?.others ?? 0) + 1;
  }

  /** A group that is new begins at the oldest event there is. */
  async ensureOffsets(): Promise<void> {
    await sql`
      insert into events.offsets (group_name, partition) select ${this.group}, partition from events.partitions
      on conflict do nothing`.execute(this.db.kysely);
  }

  /** Keeps what is ours, and stores how far we are where only unhandled types went by; answers what is still ours. */
  async renew(leases: readonly Lease[]): Promise<Set<number>> {
    if (leases.length === 0) return new Set();
    const { rows } = await sql<{ partition: number }>`
      update events.offsets o
      set leased_until = ${this.leaseEnd()}, position = greatest(o.position, held.position)
      from unnest(
        ${leases.map((lease) => lease.partition)}::int[],
        ${leases.map((lease) => lease.epoch)}::bigint[],
        ${leases.map((lease) => lease.position)}::bigint[]
      ) as held (partition, epoch, position)
      where o.group_name = ${this.group} and o.partition = held.partition and o.epoch = held.epoch
      returning o.partition`.execute(this.db.kysely);
    return new Set(rows.map((row) => row.partition));
  }

  /** Takes up to `most` partitions that nobody owns or whose owner is silent; each take begins a new epoch. */
  async acquire(most: number): Promise<Lease[]> {
    if (most <= 0) return [];
    const { rows } = await sql<{ partition: number; epoch: string; position: string }>`
      update events.offsets o
      set owner = ${this.memberId}, epoch = o.epoch + 1, leased_until = ${this.leaseEnd()}
      where group_name = ${this.group} and partition in (
        select partition from events.offsets
        where group_name = ${this.group} and (owner is null or leased_until < clock_timestamp())
        order by partition limit ${most} for update skip locked)
      returning partition, epoch, position`.execute(this.db.kysely);
    return rows.map((row) => ({
      partition: row.partition,
      epoch: Number(row.epoch),
      position: Number(row.position),
    }));
  }

  /** Gives partitions back, so that others need not wait for the lease to end, and tells them. */
  async release(leases: readonly Lease[]): Promise<void> {
    await sql`
      with freed as (
        update events.offsets o
        set owner = null, leased_until = null, position = greatest(o.position, held.position)
        from unnest(
          ${leases.map((lease) => lease.partition)}::int[],
          ${leases.map((lease) => lease.epoch)}::bigint[],
          ${leases.map((lease) => lease.position)}::bigint[]
        ) as held (partition, epoch, position)
        where o.group_name = ${this.group} and o.partition = held.partition and o.epoch = held.epoch
      )
      select pg_notify(${LEASES_CHANNEL}, ${this.group})`.execute(this.db.kysely);
  }

  async leave(): Promise<void> {
    await sql`
      delete from events.members where group_name = ${this.group} and member_id = ${this.memberId}`.execute(
      this.db.kysely,
    );
    await this.announce();
  }

  async announce(): Promise<void> {
    await sql`select pg_notify(${LEASES_CHANNEL}, ${this.group})`.execute(this.db.kysely);
  }

  /** @throws FencedError if the partition has another owner by now */
  async commit(tx: Transaction<unknown>, lease: Lease, position: number): Promise<void> {
    const { numAffectedRows } = await sql`
      update events.offsets set position = ${position}
      where group_name = ${this.group} and partition = ${lease.partition} and epoch = ${lease.epoch}`.execute(tx);
    if (numAffectedRows !== 1n) throw new FencedError(`partition ${lease.partition}`);
  }

  private leaseEnd(): ReturnType<typeof sql> {
    return sql`clock_timestamp() + make_interval(secs => ${this.leaseMs / 1000})`;
  }
}
