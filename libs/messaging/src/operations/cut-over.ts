import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import type { Database } from '@signalpress/persistence';
import { Installation } from '../transport/installation.js';
import type { TopicReport } from '../transport/kafka/kafka.topics.js';

const POLL_MS = 200;
const REPORT_MS = 2_000;

export interface CutOverOptions {
  /** Groups that must be through, also if they have never begun. All that have begun must be, anyway. */
  readonly groups: readonly string[];
  /** How long the consumer groups may take for what is in the log (milliseconds). */
  readonly drainMs: number;
  /** Creates what topics are missing; called before anything is stopped. */
  readonly prepare: () => Promise<readonly TopicReport[]>;
  /** Gets a line for each step. */
  readonly tell: (line: string) => void;
  /** Aborted: the installation goes on as before. */
  readonly signal?: AbortSignal;
}

/** The installation cannot be moved as it is; the message says why, and what it is on now. */
export class CutOverError extends ServiceError {
  constructor(message: string) {
    super(message, { code: 'cut-over', severity: 'expected', retryable: true });
  }
}

interface GroupLag {
  readonly group: string;
  readonly events: number;
}

/**
 * Moves an installation from the log in PostgreSQL to Kafka while it runs: holds the relays, waits until every group has
 * handled all of the log, and switches. What is published meanwhile waits in the outboxes and leaves through Kafka, once the
 * services are started with it. Whatever fails before the switch puts the installation back to where it was.
 * @throws CutOverError
 */
export async function cutOver(db: Database, options: CutOverOptions): Promise<void> {
  const { prepare, tell } = options;
  const installation = new Installation(db);
  const state = await installation.state();
  if (state === undefined) {
    throw new CutOverError('no service has ever started here; a new installation takes what it is configured for');
  }
  if (state.kind === 'kafka') {
    tell('the installation is on Kafka already');
    return;
  }
  const reports = await prepare();
  const created = reports.filter((report) => report.created).length;
  tell(`${reports.length} topics, ${created} of them created now`);
  for (const { warning } of reports) if (warning !== undefined) tell(`warning: ${warning}`);
  try {
    await installation.hold();
    tell('relays are held: nothing is appended to the log any more');
    await drain(db, options);
    await installation.switchTo('kafka', async (tx) => {
      const late = await lagsOf({ kysely: tx }, options.groups);
      if (late.length > 0) throw new CutOverError(`${describe(late)} came in at the last moment`);
    });
  } catch (error) {
    await installation.release();
    tell('the installation is on postgres, as before');
    throw error;
  }
  tell('the installation is on Kafka: restart every service with EVENT_TRANSPORT=kafka');
}

/** Ends a cut-over that was left in the middle (its process was killed): the installation goes on with postgres. */
export async function abortCutOver(db: Database, tell: (line: string) => void): Promise<void> {
  const installation = new Installation(db);
  const state = await installation.state();
  if (state?.kind === 'kafka') throw new CutOverError('the installation is on Kafka already; there is no way back');
  if (state !== undefined) await installation.release();
  tell(state?.held === true ? 'the cut-over is ended; relays append to the log again' : 'no cut-over was under way');
}

async function drain(db: Database, { drainMs, groups, tell, signal }: CutOverOptions): Promise<void> {
  const deadline = performance.now() + drainMs;
  let toldAt = -Infinity;
  for (;;) {
    const waiting = await lagsOf(db, groups);
    if (waiting.length === 0) break;
    if (signal?.aborted === true) throw new CutOverError('ended before it was done');
    if (performance.now() > deadline) {
      throw new CutOverError(
        `not drained within ${drainMs / 1000} s: ${describe(waiting)}; start these services, or give more time with --drain-seconds`,
      );
    }
    if (performance.now() - toldAt >= REPORT_MS) {
      tell(`draining: ${describe(waiting)}`);
      toldAt = performance.now();
    }
    await sleep(POLL_MS);
  }
  tell('drained: every group has handled all of the log');
}

/** Every group that has something left. One that has never begun has all of the log. */
async function lagsOf({ kysely }: Pick<Database, 'kysely'>, groups: readonly string[]): Promise<GroupLag[]> {
  const { rows } = await sql<{ group: string; events: string }>`
    select g.name as "group", sum(p.head - coalesce(o.position, 0)) as events
    from (select unnest(${groups}::text[]) as name union select group_name from events.offsets) g
    cross join events.partitions p
    left join events.offsets o on o.group_name = g.name and o.partition = p.partition
    group by g.name having sum(p.head - coalesce(o.position, 0)) > 0 order by g.name`.execute(kysely);
  return rows.map(({ group, events }) => ({ group, events: Number(events) }));
}

const describe = (lags: readonly GroupLag[]): string =>
  lags.map(({ group, events }) => `${group} has ${events} events to handle`).join(', ');
