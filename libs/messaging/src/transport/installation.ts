import { ServiceError } from '@signalpress/observability';
import { errorCode, sql } from '@signalpress/persistence';
import type { Database, Transaction } from '@signalpress/persistence';
import { UnavailableError } from '../messaging.errors.js';

export type TransportKind = 'postgres' | 'kafka';

/** What the installation is on, and whether a cut-over holds the relays. */
export interface TransportState {
  readonly kind: TransportKind;
  readonly held: boolean;
}

const LOCK_NAMESPACE = 'signalpress.transport';
/** SQLSTATE of a database in which no service has ever started. */
const UNDEFINED_TABLE = '42P01';
const CUT_OVER = 'npm run transport:cutover';

/** The service is configured for another transport than the installation is on; it must not start. */
export class WrongTransportError extends ServiceError {
  constructor(message: string) {
    super(message, { code: 'wrong-transport', severity: 'expected', retryable: false });
  }
}

/** Which transport an installation is on: a fact of its database, so that no variable can strand events. */
export class Installation {
  constructor(private readonly db: Database) {}

  /** Undefined before the first service has started. */
  async state(): Promise<TransportState | undefined> {
    try {
      const { rows } = await sql<TransportState>`select kind, held from events.transport`.execute(this.db.kysely);
      return rows[0];
    } catch (error) {
      if (errorCode(error) === UNDEFINED_TABLE) return undefined;
      throw error;
    }
  }

  /**
   * The first service of a new installation decides.
   * @throws WrongTransportError if this one is configured for another transport than the installation is on
   */
  async claim(kind: TransportKind): Promise<void> {
    await sql`insert into events.transport (kind) values (${kind}) on conflict do nothing`.execute(this.db.kysely);
    const state = await this.state();
    if (state === undefined || state.kind === kind) return;
    throw new WrongTransportError(
      state.kind === 'postgres'
        ? `EVENT_TRANSPORT=kafka, but this installation is on postgres; move it with: ${CUT_OVER}`
        : 'EVENT_TRANSPORT=postgres, but this installation has moved to Kafka; set EVENT_TRANSPORT=kafka and KAFKA_BROKERS',
    );
  }

  /** Held by a relay until its transaction ends; a cut-over waits for all of them. */
  static sharedLock(): ReturnType<typeof sql> {
    return sql`pg_advisory_xact_lock_shared(hashtext(${LOCK_NAMESPACE}), 0)`;
  }

  /** The condition under which a relay may take events. */
  static open(kind: TransportKind): ReturnType<typeof sql<boolean>> {
    return sql<boolean>`exists (select from events.transport where kind = ${kind} and not held)`;
  }

  /** @throws UnavailableError that says why events stand still, if the installation is the reason */
  async explain(kind: TransportKind): Promise<void> {
    const state = await this.state();
    if (state === undefined || (state.kind === kind && !state.held)) return;
    throw new UnavailableError(
      state.held
        ? `a cut-over to Kafka is under way and events wait in the outbox; finish it with ${CUT_OVER}, or end it with ${CUT_OVER} -- --abort`
        : `the installation has moved to ${state.kind}, and this service neither sends nor gets events; restart it with EVENT_TRANSPORT=${state.kind}`,
      { code: 'transport-moved' },
    );
  }

  /** From the commit on nothing is appended to the log. */
  async hold(): Promise<void> {
    await this.alone((tx) => change(tx, sql`held = true`));
  }

  /** Back to work on the transport that it was on. */
  async release(): Promise<void> {
    await this.alone((tx) => change(tx, sql`held = false`));
  }

  /** @param check runs when no relay can append; nothing is changed when it rejects */
  async switchTo(kind: TransportKind, check: (tx: Transaction<unknown>) => Promise<void>): Promise<void> {
    await this.alone(async (tx) => {
      await check(tx);
      await change(tx, sql`kind = ${kind}, held = false`);
    });
  }

  private alone(work: (tx: Transaction<unknown>) => Promise<void>): Promise<void> {
    return this.db.transaction(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtext(${LOCK_NAMESPACE}), 0)`.execute(tx);
      await work(tx);
    });
  }
}

async function change(tx: Transaction<unknown>, what: ReturnType<typeof sql>): Promise<void> {
  await sql`update events.transport set ${what}, changed_at = clock_timestamp()`.execute(tx);
}
