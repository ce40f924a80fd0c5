import { setTimeout as sleep } from 'node:timers/promises';
import { NotTraced, tracePg } from '@signalpress/observability';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { IsolationLevel, Transaction } from 'kysely';
import type pg from 'pg';
import { isRetryableConflict } from './database.errors.js';
import { Listener } from './database.listener.js';
import type { NotificationHandler } from './database.listener.js';
import { clientConfig, kyselyPool, openPool } from './database.pool.js';
import type { DatabaseOptions } from './database.pool.js';
import { PreparedStatements, isForgotten } from './database.statements.js';

const CONFLICT_RETRIES = 3;
const CONFLICT_DELAY_MS = 20;

export interface TransactionOptions {
  /** Default: the server's, which is read committed. */
  readonly isolationLevel?: IsolationLevel;
  /** How often it is run again after a conflict; default 3. */
  readonly conflictRetries?: number;
}

/** How many connections the pool has, how many of them nobody uses, and how many callers wait for one. */
export interface PoolState {
  readonly max: number;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

/**
 * A service's way to its own schema. `S` names its tables, as kysely wants them. It is also the token it is injected by:
 * `constructor(private readonly db: Database<ScoringTables>)`. Its statements are spans, so its methods are none.
 */
@NotTraced()
export class Database<S = unknown> {
  readonly kysely: Kysely<S>;
  readonly schema: string;
  private readonly pool: pg.Pool;
  private readonly statements = new PreparedStatements();
  private readonly listener: Listener;
  private readonly notices = new WeakMap<object, Set<() => void>>();
  private closing: Promise<void> | undefined;

  /** Connects on first use, never here. */
  constructor(options: DatabaseOptions) {
    this.schema = options.schema;
    this.pool = tracePg(openPool(options), { schema: options.schema });
    this.kysely = new Kysely<S>({ dialect: new PostgresDialect({ pool: kyselyPool(this.pool, this.statements) }) });
    this.listener = new Listener({ ...clientConfig(options), application_name: `${options.applicationName} listen` });
  }

  get poolState(): PoolState {
    const { totalCount, idleCount, waitingCount, options } = this.pool;
    return { max: options.max, open: totalCount, idle: idleCount, waiting: waitingCount };
  }

  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. After a serialization
   * failure or a deadlock it is run again from the start, a few times at most, so it must have no effect outside of `tx`. So it is,
   * once, where a pooler turns out not to know prepared statements.
   */
  async transaction<T>(work: (tx: Transaction<S>) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { conflictRetries = CONFLICT_RETRIES } = options;
    for (let retry = 0; ; retry++) {
      const prepares = this.statements.areUsed();
      try {
        const notices = new Set<() => void>();
        const result = await this.begin(options).execute((tx) => {
          this.notices.set(tx, notices);
          return work(tx);
        });
        for (const notice of notices) notice();
        return result;
      } catch (error) {
        if (prepares && isForgotten(error) && !this.statements.areUsed()) continue;
        if (retry >= conflictRetries || !isRetryableConflict(error)) throw error;
        await sleep(Math.random() * CONFLICT_DELAY_MS * 2 ** retry);
      }
    }
  }

  /**
   * Calls `notice` once when the transaction has committed, and never if it does not; for news within this process, which may
   * be lost with it. It must not throw.
   * @param tx of `transaction()` of this database
   */
  afterCommit<T extends S>(tx: Transaction<T>, notice: () => void): void {
    const notices = this.notices.get(tx);
    if (notices === undefined) throw new Error('afterCommit() needs the transaction that transaction() gave');
    notices.add(notice);
  }

  /**
   * Calls `onNotify` for each `notify` on the channel, on a connection of its own that is opened again when it is lost.
   * Notifications sent while it is away are lost: poll as well. Returns how to stop; rejects if the database is away now.
   */
  listen(channel: string, onNotify: NotificationHandler): Promise<() => Promise<void>> {
    return this.listener.add(channel, onNotify);
  }

  /** Resolves when the database answers a query. */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.kysely);
  }

  /** Waits for the queries in flight, then closes every connection; safe to call twice. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private begin({ isolationLevel }: TransactionOptions): ReturnType<Kysely<S>['transaction']> {
    const transaction = this.kysely.transaction();
    return isolationLevel === undefined ? transaction : transaction.setIsolationLevel(isolationLevel);
  }

  private async closeAll(): Promise<void> {
    await this.listener.close();
    await this.kysely.destroy();
    if (!this.pool.ended && !this.pool.ending) await this.pool.end();
  }
}
