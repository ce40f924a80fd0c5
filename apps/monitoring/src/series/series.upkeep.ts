import { Injectable } from '@nestjs/common';
import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import type { MonitoringTables } from '../read-model/read-model.tables.js';

type Tx = Transaction<MonitoringTables>;

const MONTHS_AHEAD = 2;
/** Changes that one run takes; the next run takes the rest. */
const CHANGES = 10_000;
/** Months of late events that one run gives a partition of their own. */
const LATE_MONTHS = 24;

/** Partitions of the series on plain PostgreSQL: made ahead, dropped when old. TimescaleDB does the same by its policies. */
@Injectable()
export class SeriesPartitions {
  constructor(private readonly clock: Clock) {}

  async keepUp(tx: Tx): Promise<void> {
    const now = this.clock.now();
    const { rows } = await sql<{ name: string; keptFrom: Date }>`
      select name, ${now}::timestamptz - keep as "keptFrom" from time_series where engine = 'postgresql' order by name`.execute(
      tx,
    );
    for (const { name, keptFrom } of rows) {
      await this.dropOld(tx, name, keptFrom);
      for (const month of await this.missing(tx, name, now)) await this.addMonth(tx, name, month);
    }
    const rollups = await sql<{ name: string; keep: Date }>`
      select name, ${now}::timestamptz - keep as keep from time_rollups where engine = 'postgresql'`.execute(tx);
    for (const { name, keep } of rollups.rows) {
      await sql`delete from ${sql.table(`${name}_rows`)} where bucket < ${keep}`.execute(tx);
    }
  }

  /** This month, those ahead, and those of events that came before there was a partition for them. */
  private async missing(tx: Tx, series: string, now: Date): Promise<Date[]> {
    const ahead = Array.from({ length: MONTHS_AHEAD + 1 }, (_, n) => monthOf(now, n));
    const { rows } = await sql<{ month: Date }>`
      select distinct date_trunc('month', time, 'UTC') as month from ${sql.table(`${series}_default`)}
      order by month desc limit ${LATE_MONTHS}`.execute(tx);
    const months = [...ahead, ...rows.map(({ month }) => month)];
    const there = new Set((await this.partitions(tx, series)).map(({ name }) => name));
    const byName = new Map(months.map((month) => [partitionName(series, month), month]));
    return [...byName].filter(([name]) => !there.has(name)).map(([, month]) => month);
  }

  /** A partition cannot be attached while the default one holds its rows, so they move first. */
  private async addMonth(tx: Tx, series: string, month: Date): Promise<void> {
    const until = monthOf(month, 1);
    const [name, parent] = [sql.table(partitionName(series, month)), sql.table(series)];
    const rest = sql.table(`${series}_default`);
    await sql`lock table ${rest} in access exclusive mode`.execute(tx);
    await sql`create table ${name} (like ${parent} including defaults including constraints)`.execute(tx);
    await sql`with moved as (delete from ${rest} where time >= ${month} and time < ${until} returning *)
      insert into ${name} select * from moved`.execute(tx);
    const [from, to] = [sql.lit(month.toISOString()), sql.lit(until.toISOString())];
    await sql`alter table ${parent} attach partition ${name} for values from (${from}) to (${to})`.execute(tx);
  }

  private async dropOld(tx: Tx, series: string, keptFrom: Date): Promise<void> {
    for (const { name, month } of await this.partitions(tx, series)) {
      if (monthOf(month, 1) <= keptFrom) await sql`drop table ${sql.table(name)}`.execute(tx);
    }
    // From the partition and not from the series: the rollups outlive it.
    await sql`delete from ${sql.table(`${series}_default`)} where time < ${keptFrom}`.execute(tx);
  }

  private async partitions(tx: Tx, series: string): Promise<{ name: string; month: Date }[]> {
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = to_regclass(${series}) and c.relname ~ '_\\d{6}$' order by c.relname`.execute(tx);
    return rows.map(({ name }) => ({
      name,
      month: new Date(Date.UTC(Number(name.slice(-6, -2)), Number(name.slice(-2)) - 1, 1)),
    }));
  }
}

/** Rolls up what changed: late events change the buckets that they belong to, and no others. */
@Injectable()
export class SeriesRollups {
  async refresh(tx: Tx): Promise<void> {
    const { rows } = await sql<{ rollup: string; buckets: Date[] }>`
      with taken as (
        delete from rollup_changes where id in (select id from rollup_changes order by id limit ${CHANGES})
        returning rollup, bucket)
      select rollup, array_agg(distinct bucket) as buckets from taken group by rollup`.execute(tx);
    for (const { rollup, buckets } of rows) await this.rollUp(tx, rollup, buckets);
  }

  private async rollUp(tx: Tx, name: string, buckets: readonly Date[]): Promise<void> {
    const { rows } = await sql<{ raw: string; width: string; columns: string; groups: number }>`
      select raw, width::text as width, columns, groups from time_rollups where name = ${name}`.execute(tx);
    const [rollup] = rows;
    if (rollup === undefined) return;
    const positions = sql.raw(Array.from({ length: rollup.groups + 1 }, (_, index) => index + 1).join(', '));
    const stored = sql.table(`${name}_rows`);
    const width = sql`${sql.lit(rollup.width)}::interval`;
    const changed = sql`unnest(${buckets.map((bucket) => bucket.toISOString())}::timestamptz[])`;
    await sql`delete from ${stored} where bucket in (select ${changed})`.execute(tx);
    // The select list is the migration's own, the same that TimescaleDB is given.
    await sql`
      insert into ${stored}
      select date_bin(${width}, time, '2000-01-01 00:00:00+00') as bucket, ${sql.raw(rollup.columns)}
      from ${changed} as changed (since) join ${sql.table(rollup.raw)} on time >= since and time < since + ${width}
      group by ${positions}`.execute(tx);
  }
}

function monthOf(time: Date, ahead: number): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + ahead, 1));
}

const partitionName = (series: string, month: Date): string =>
  `${series}_${month.toISOString().slice(0, 7).replace('-', '')}`;

@Worker({ name: 'series-upkeep', concurrency: 1, payload: z.object({}), everyMs: 3_600_000 })
export class UpkeepWorker implements JobHandler<object> {
  constructor(private readonly series: SeriesPartitions) {}

  run(): Promise<Effect<MonitoringTables>> {
    return Promise.resolve((tx) => this.series.keepUp(tx));
  }
}

@Worker({ name: 'series-rollup', concurrency: 1, payload: z.object({}), everyMs: 5_000 })
export class RollupWorker implements JobHandler<object> {
  constructor(private readonly rollups: SeriesRollups) {}

  run(): Promise<Effect<MonitoringTables>> {
    return Promise.resolve((tx) => this.rollups.refresh(tx));
  }
}
