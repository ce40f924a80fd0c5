import { NotTraced } from '@signalpress/observability';
import { Injectable } from '@nestjs/common';
import type { TraceContext } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { FencedError } from '../messaging.errors.js';
import { MessagingSettings } from '../messaging.options.js';
import { serviceChannel } from '../timing/wake-ups.js';
import { traceOf } from '../trace/continuation.js';

/** Key of the one row of a recurring job. */
export const RECURRING_KEY = 'recurring';
const MOST_STORED_LINKS = 32;
const PRUNE_BATCH = 5_000;

export interface NewJob {
  readonly name: string;
  readonly key: string | undefined;
  readonly payload: unknown;
  readonly delayMs: number;
  readonly ifExists: 'keep' | 'reschedule';
  readonly trace: TraceContext | undefined;
  readonly links: readonly TraceContext[];
}

/** A job in our hands; `token` proves it. */
export interface TakenJob {
  readonly id: string;
  readonly name: string;
  readonly key: string | undefined;
  readonly payload: unknown;
  readonly token: number;
  /** This run included. */
  readonly attempts: number;
  readonly failures: number;
  readonly enqueuedAt: Date;
  /** Since it was enqueued, or was due if it was put off by us (milliseconds). */
  readonly waitedMs: number;
  readonly trace: TraceContext | undefined;
  readonly links: readonly TraceContext[];
}

/** Tells two runs of one job apart, should we take a job again that we had lost. */
export const leaseName = (job: { readonly id: string; readonly token: number | string }): string =>
  `${job.id} ${job.token}`;

export interface Finish {
  readonly state: 'done' | 'failed';
  /** Runs again after this. */
  readonly everyMs: number | undefined;
  readonly error?: Error;
}

const inMs = (ms: number): ReturnType<typeof sql> => sql`clock_timestamp() + make_interval(secs => ${ms / 1000})`;
const unfinished = sql`state in ('pending', 'running')`;

/** The table `jobs`. Every statement about a taken job names its token, so that whoever lost the lease changes nothing. */
@Injectable()
@NotTraced()
export class JobsRepository {
  private readonly notices = new Map<string, () => void>();
  private tellRunner: (name: string) => void = () => undefined;

  constructor(
    private readonly db: Database,
    private readonly settings: MessagingSettings,
  ) {}

  /** Calls `tell` after each transaction of this process that wrote jobs of a name has committed. */
  onCommit(tell: (name: string) => void): void {
    this.tellRunner = tell;
  }

  /** One statement, so that two transactions with one key meet at the unique index and one of them waits. */
  async enqueue<S>(tx: Transaction<S>, job: NewJob): Promise<void> {
    const keep = job.ifExists === 'keep';
    const links = JSON.stringify(job.links);
    // What asked for it again is of interest as well.
    const again = JSON.stringify(job.trace === undefined ? job.links : [...job.links, job.trace]);
    await sql`
      insert into jobs (name, key, payload, run_at, trace, links)
      values (${job.name}, ${job.key ?? null}, ${JSON.stringify(job.payload)}::json, ${inMs(job.delayMs)},
        ${job.trace === undefined ? null : JSON.stringify(job.trace)}::json, ${links}::jsonb)
      on conflict (name, key) where ${unfinished} do update set
        payload = case when jobs.state = 'pending' and not ${keep}::boolean then excluded.payload else jobs.payload end,
        run_at = case when jobs.state = 'pending' and not ${keep}::boolean then excluded.run_at else jobs.run_at end,
        enqueued_at = case when jobs.state = 'pending' and not ${keep}::boolean then excluded.enqueued_at else jobs.enqueued_at end,
        attempts = case when jobs.state = 'pending' and not ${keep}::boolean then 0 else jobs.attempts end,
        rerun_at = case when jobs.state = 'pending' then null
          when ${keep}::boolean then coalesce(jobs.rerun_at, excluded.run_at) else excluded.run_at end,
        rerun_payload = case when jobs.state = 'pending' then null
          when ${keep}::boolean then coalesce(jobs.rerun_payload, excluded.payload) else excluded.payload end,
        links = case when jsonb_array_length(jobs.links) >= ${MOST_STORED_LINKS} then jobs.links else jobs.links || ${again}::jsonb end`.execute(
      tx,
    );
    // No NOTIFY: transactions that notify commit one after the other, each waiting for the disk alone.
    this.db.afterCommit(tx, this.noticeOf(job.name));
  }

  /** One row for all instances together; a shorter interval takes effect at once. */
  async ensureRecurring(name: string, everyMs: number): Promise<void> {
    await sql`
      insert into jobs (name, key, payload, run_at) values (${name}, ${RECURRING_KEY}, '{}', clock_timestamp())
      on conflict (name, key) where ${unfinished}
      do update set run_at = least(jobs.run_at, ${inMs(everyMs)}) where jobs.state = 'pending'`.execute(this.db.kysely);
  }

  /** Forgets what has not begun; what runs goes on, but not once more. */
  async cancel<S>(tx: Transaction<S>, name: string, key: string): Promise<void> {
    await sql`
      with stopped as (
        update jobs set rerun_at = null, rerun_payload = null where name = ${name} and key = ${key} and state = 'running'
      )
      delete from jobs where name = ${name} and key = ${key} and state = 'pending'`.execute(tx);
  }

  async isUnfinished(tx: Transaction<unknown>, name: string, key: string): Promise<boolean> {
    const { rows } = await sql`select from jobs where name = ${name} and key = ${key} and ${unfinished}`.execute(tx);
    return rows.length > 0;
  }

  /** Milliseconds until the first job of each name is due; a name without jobs is absent. */
  async nextDueMs(names: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await sql<{ name: string; due_ms: number }>`
      select wanted.name, (extract(epoch from first.due - clock_timestamp()) * 1000)::float8 as due_ms
      from unnest(${names}::text[]) as wanted (name),
      lateral (
        select coalesce(lease_until, run_at) as due from jobs
        where name = wanted.name and ${unfinished}
        order by coalesce(lease_until, run_at) limit 1
      ) as first`.execute(this.db.kysely);
    return new Map(rows.map((row) => [row.name, row.due_ms]));
  }

  /** Takes jobs that are due, or whose worker has let its lease run out. */
  async take(name: string, most: number, leaseMs: number): Promise<TakenJob[]> {
    const { rows } = await sql<JobRow>`
      update jobs j
      set state = 'running', lease_token = lease_token + 1, lease_until = ${inMs(leaseMs)}, attempts = attempts + 1
      where id in (
        select id from jobs
        where name = ${name} and ${unfinished} and coalesce(lease_until, run_at) <= clock_timestamp()
        order by coalesce(lease_until, run_at) limit ${most} for update skip locked)
      returning id, name, key, payload, lease_token, attempts, failures, enqueued_at, trace, links,
        (extract(epoch from clock_timestamp() - enqueued_at) * 1000)::float8 as waited_ms`.execute(this.db.kysely);
    return rows.map((row) => takenJob(row));
  }

  /** Answers the tokens of those that are still ours, by `leaseName`. */
  async renew(
    jobs: readonly { readonly id: string; readonly token: number; readonly leaseMs: number }[],
  ): Promise<Set<string>> {
    const { rows } = await sql<{ id: string; token: string }>`
      update jobs j set lease_until = clock_timestamp() + make_interval(secs => held.lease_ms / 1000)
      from unnest(
        ${jobs.map((job) => job.id)}::uuid[],
        ${jobs.map((job) => job.token)}::bigint[],
        ${jobs.map((job) => job.leaseMs)}::float8[]
      ) as held (id, token, lease_ms)
      where j.id = held.id and j.lease_token = held.token and j.state = 'running'
      returning j.id, j.lease_token as token`.execute(this.db.kysely);
    return new Set(rows.map((row) => leaseName(row)));
  }

  /** @throws FencedError if somebody else has the job by now */
  async finish(tx: Transaction<unknown>, job: TakenJob, { state, everyMs, error }: Finish): Promise<void> {
    const next = everyMs === undefined ? sql`rerun_at` : inMs(everyMs);
    const { numAffectedRows } = await sql`
      update jobs set
        state = case when ${next} is null then ${state} else 'pending' end,
        finished_at = case when ${next} is null then clock_timestamp() end,
        run_at = coalesce(${next}, run_at),
        enqueued_at = case when ${next} is null then enqueued_at else clock_timestamp() end,
        payload = coalesce(rerun_payload, payload),
        attempts = 0, failures = 0, lease_until = null, rerun_at = null, rerun_payload = null,
        last_error = ${lastError(error)}
      where id = ${job.id} and lease_token = ${job.token} and state = 'running'`.execute(tx);
    if (numAffectedRows !== 1n) throw new FencedError(`job ${job.name} ${job.id}`);
  }

  /** Puts the job off; if it was asked for again meanwhile, that is what runs next. */
  async retry(job: TakenJob, delayMs: number, counted: boolean, error: Error): Promise<void> {
    const { numAffectedRows } = await sql`
      update jobs set
        state = 'pending', lease_until = null,
        run_at = coalesce(rerun_at, ${inMs(delayMs)}),
        payload = coalesce(rerun_payload, payload),
        attempts = case when rerun_at is not null then 0 else attempts - ${counted ? 0 : 1} end,
        failures = failures + 1, rerun_at = null, rerun_payload = null, last_error = ${lastError(error)}
      where id = ${job.id} and lease_token = ${job.token} and state = 'running'`.execute(this.db.kysely);
    if (numAffectedRows !== 1n) throw new FencedError(`job ${job.name} ${job.id}`);
  }

  /** Gives jobs back that we do not get done; the attempt does not count, and whatever we still do with them is fenced. */
  async release(jobs: readonly TakenJob[]): Promise<void> {
    await sql`
      update jobs j
      set state = 'pending', lease_until = null, lease_token = lease_token + 1, attempts = attempts - 1,
        run_at = clock_timestamp()
      from unnest(${jobs.map((job) => job.id)}::uuid[], ${jobs.map((job) => job.token)}::bigint[]) as held (id, token)
      where j.id = held.id and j.lease_token = held.token and j.state = 'running'
      returning ${this.news()}`.execute(this.db.kysely);
  }

  /** Wakes the runners of other instances. By itself it writes nothing, so it waits for no disk and holds nobody up. */
  async tell(): Promise<void> {
    await sql`select ${this.news()}`.execute(this.db.kysely);
  }

  async countByState(): Promise<{ name: string; state: string; count: number }[]> {
    const { rows } = await sql<{ name: string; state: string; count: string }>`
      select name, state, count(*) as count from jobs where state <> 'done' group by name, state`.execute(
      this.db.kysely,
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  async prune(olderThanDays: number): Promise<number> {
    let pruned = 0;
    for (let gone = PRUNE_BATCH; gone === PRUNE_BATCH; pruned += gone) {
      const { numAffectedRows } = await sql`
        delete from jobs where id in (
          select id from jobs
          where state in ('done', 'failed') and finished_at < clock_timestamp() - make_interval(days => ${olderThanDays})
          order by finished_at limit ${PRUNE_BATCH})`.execute(this.db.kysely);
      gone = Number(numAffectedRows ?? 0n);
    }
    return pruned;
  }

  /** The same one for each name, so that a transaction with many jobs tells of them once. */
  private noticeOf(name: string): () => void {
    const notice = this.notices.get(name) ?? ((): void => this.tellRunner(name));
    this.notices.set(name, notice);
    return notice;
  }

  private news(): ReturnType<typeof sql> {
    return sql`pg_notify(${serviceChannel(this.settings.service)}, 'jobs')`;
  }
}

interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly key: string | null;
  readonly payload: unknown;
  readonly lease_token: string;
  readonly attempts: number;
  readonly failures: number;
  readonly enqueued_at: Date;
  readonly waited_ms: number;
  readonly trace: unknown;
  readonly links: unknown[];
}

function takenJob(row: JobRow): TakenJob {
  return {
    id: row.id,
    name: row.name,
    key: row.key ?? undefined,
    payload: row.payload,
    token: Number(row.lease_token),
    attempts: row.attempts,
    failures: row.failures,
    enqueuedAt: row.enqueued_at,
    waitedMs: row.waited_ms,
    trace: traceOf(row.trace),
    links: row.links.map((link) => traceOf(link)).filter((trace) => trace !== undefined),
  };
}

function lastError(error: Error | undefined): string | null {
  return error === undefined ? null : `${error.name}: ${error.message}`.replaceAll('\u0000', '').slice(0, 2_000);
}
