import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const LOOK_MS = 20;

/** How many effects were written, in a transaction that committed or not: cheap, however many there are. */
export async function effectsBegun(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ last: string | null }>(
    "select pg_sequence_last_value(pg_get_serial_sequence('effects', 'seq')) as last",
  );
  return Number(rows[0]?.last ?? 0);
}

/** Waits until `count` effects are committed. @throws Error when none was added for a minute. */
export async function waitForEffects(database: pg.Pool, count: number, lookMs = LOOK_MS): Promise<void> {
  let begun = -1;
  let deadline = 0;
  for (;;) {
    const now = await effectsBegun(database);
    if (now >= count && (await effectsCommitted(database)) >= count) return;
    if (now !== begun) deadline = performance.now() + 60_000;
    begun = now;
    if (performance.now() > deadline) throw new Error(`${begun} of ${count} effects, and none in the last minute`);
    await sleep(lookMs);
  }
}

async function effectsCommitted(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ count: string }>('select count(*) from effects');
  return Number(rows[0]?.count);
}

/** @throws Error unless events 0 to `count - 1` had one effect each, in order for each key, and nothing else did. */
export async function assertExactlyOnceInOrder(database: pg.Pool, who: string, count: number): Promise<void> {
  const { rows } = await database.query<Record<'effects' | 'events' | 'numbers' | 'inbox' | 'swaps', string>>(
    `select count(*) as effects, count(distinct event_id) as events,
       count(distinct number) filter (where number between 0 and $1 - 1) as numbers,
       (select count(*) from inbox) as inbox,
       (select count(*) from (
          select number < lag(number) over (partition by idea_id order by seq) as swapped from effects
        ) as pairs where swapped) as swaps
     from effects`,
    [count],
  );
  const { swaps, ...counts } = rows[0] ?? { swaps: '?' };
  if (swaps !== '0' || Object.values(counts).some((value) => Number(value) !== count)) {
    throw new Error(`${who}: of ${count} events published there are ${JSON.stringify(rows[0])}`);
  }
}

/** From the commit of the transaction that wrote the events to the outbox to that of the last effect, in seconds. */
export async function secondsOf(database: pg.Pool, xid: string, first: number, count: number): Promise<number> {
  const { rows } = await database.query<{ seconds: number }>(
    `select extract(epoch from max(pg_xact_commit_timestamp(xmin)) - pg_xact_commit_timestamp($1::xid))::float8 as seconds
     from effects where number between $2 and $2 + $3 - 1`,
    [xid, first, count],
  );
  return rows[0]?.seconds ?? NaN;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** From the publisher's call to the commit of the effect, in milliseconds. */
export async function latencyOf(database: pg.Pool, first: number, count: number): Promise<Latency> {
  const { rows } = await database.query<{ quantiles: [number, number] }>(
    `select percentile_cont(array[0.5, 0.99]) within group
       (order by extract(epoch from pg_xact_commit_timestamp(xmin) - published_at)::float8 * 1000) as quantiles
     from effects where number between $1 and $1 + $2 - 1`,
    [first, count],
  );
  const [p50, p99] = rows[0]?.quantiles ?? [NaN, NaN];
  return { p50, p99 };
}
