import { HealthChecks, NotTraced } from '@signalpress/observability';
import { Inject, Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { MessagingSettings } from '../messaging.options.js';
import { Signals } from '../messaging.signals.js';
import { Loop } from '../timing/loop.js';
import { Installation } from '../transport/installation.js';
import { TRANSPORT } from '../transport/transport.js';
import type { OutgoingEvent, Transport } from '../transport/transport.js';
import { Outbox } from './outbox.js';
import { outboxOldestAge, outboxWaiting } from './outbox.metrics.js';

const LOCK_NAMESPACE = 'signalpress.relay';
/** Another instance moves a batch, which may be older than what we were woken for. */
const BUSY_MS = 50;
/** A batch ends with the event that makes it larger than this. */
const MOST_BYTES = 4_194_304;

interface OutboxRow {
  readonly seq: string;
  readonly event_id: string;
  readonly type: string;
  readonly key: string;
  readonly envelope: string;
  readonly recorded_at: Date;
  readonly is_full: boolean;
}

/**
 * Moves events from the outbox to the transport, in the order they were written. One instance of a service does so at a
 * time; every instance tries, so that none is needed.
 */
@Injectable()
@NotTraced()
export class OutboxRelay {
  private readonly loop: Loop;
  private readonly installation: Installation;
  /** Something waits, for all we know: a commit of this process told us, or the last batch was a full one. */
  private expecting = false;

  constructor(
    private readonly db: Database,
    private readonly settings: MessagingSettings,
    private readonly outbox: Outbox,
    @Inject(TRANSPORT) private readonly transport: Transport,
    private readonly signals: Signals,
    health: HealthChecks,
  ) {
    this.installation = new Installation(db);
    health.register({
      name: 'transport',
      // A service that was left on the transport of before takes no events and sends none; the rest of its work goes on.
      critical: false,
      check: () => this.installation.explain(transport.kind),
    });
    this.loop = new Loop({
      name: 'outbox relay',
      everyMs: settings.tuning.pollMs,
      pass: () => this.pass(),
      onFault: signals.fault,
    });
  }

  /** @throws WrongTransportError if the installation is on another transport than this service is configured for */
  claim(): Promise<void> {
    return this.installation.claim(this.transport.kind);
  }

  /** Opens the transport, too: whoever consumes needs it as well. */
  start(): void {
    this.transport.start();
    this.outbox.onCommit(() => {
      this.expecting = true;
      this.loop.wake();
    });
    this.signals.metrics.observeGauge(outboxOldestAge, async () => (await this.backlog()).oldestSeconds);
    this.signals.metrics.observeGauge(outboxWaiting, async () => (await this.backlog()).events);
    this.loop.start();
  }

  /** Stops after one more pass, so that what the last handlers published does not wait for the next start; then closes. */
  async stop(): Promise<void> {
    await this.loop.stop();
    await this.relay().catch((error: unknown) => this.signals.fault('last pass of the outbox relay', error));
    await this.transport.close();
  }

  private async pass(): Promise<number | undefined> {
    const expecting = this.expecting;
    this.expecting = false;
    if (!expecting && (await this.isEmpty())) return undefined;
    const moved = await this.relay();
    if (moved === 'busy') return Math.min(this.settings.tuning.pollMs, BUSY_MS);
    if (moved !== 'a part') return undefined;
    this.expecting = true;
    return 0;
  }

  /** Moves one batch; answers whether there may be more. */
  private async relay(): Promise<'busy' | 'nothing' | 'all' | 'a part'> {
    const { failpoints } = this.settings;
    const relayed = await this.db.transaction(async (tx) => {
      if (!(await this.lock(tx))) return 'busy';
      // Gone once this commits, which is after the transport has them. If the commit fails they are sent again, and the
      // consumers' inboxes see to the rest.
      const { events, isFull } = await this.take(tx);
      if (events.length === 0) {
        await this.installation.explain(this.transport.kind);
        return 'nothing';
      }
      failpoints.hit('relay.before-append');
      await this.transport.append(events, tx);
      failpoints.hit('relay.after-append');
      return isFull ? 'a part' : 'all';
    });
    if (relayed === 'all' || relayed === 'a part') failpoints.hit('relay.after-commit');
    return relayed;
  }

  /** By the index: the table itself begins with the pages of all that left since the last vacuum. */
  private async isEmpty(): Promise<boolean> {
    const { rows } = await sql`select from outbox order by seq limit 1`.execute(this.db.kysely);
    return rows.length === 0;
  }

  private async lock(tx: Transaction<unknown>): Promise<boolean> {
    const { rows } = await sql<{ locked: boolean }>`
      select pg_try_advisory_xact_lock(hashtext(${LOCK_NAMESPACE}), hashtext(${this.db.schema})) as locked,
        ${Installation.sharedLock()}`.execute(tx);
    return rows[0]?.locked === true;
  }

  /**
   * The oldest rows there are. No cursor is kept: a row whose transaction commits late has a low number and is simply among
   * the oldest of the next batch. A full batch is as large as one may be.
   */
  private async take(tx: Transaction<unknown>): Promise<{ events: OutgoingEvent[]; isFull: boolean }> {
    const { relayBatchSize } = this.settings.tuning;
    const { rows } = await sql<OutboxRow>`
      with next as (
        select seq, coalesce(sum(octet_length(envelope::text)) over (
          order by seq rows between unbounded preceding and 1 preceding), 0) as before
        from (select seq, envelope from outbox order by seq limit ${relayBatchSize}) as waiting
      ), oldest as (
        delete from outbox where seq in (select seq from next where before < ${MOST_BYTES})
          and ${Installation.open(this.transport.kind)}
        returning seq, event_id, type, key, envelope::text as envelope, recorded_at
      )
      select oldest.*,
        (select count(*) = ${relayBatchSize} or bool_or(before >= ${MOST_BYTES}) from next) as is_full
      from oldest order by seq`.execute(tx);
    const events = rows.map((row) => ({
      id: row.event_id,
      type: row.type,
      key: row.key,
      envelope: row.envelope,
      recordedAt: row.recorded_at,
    }));
    return { events, isFull: rows[0]?.is_full === true };
  }

  private async backlog(): Promise<{ events: number; oldestSeconds: number }> {
    const { rows } = await sql<{ events: string; oldest_seconds: number }>`
      select count(*) as events,
        coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0)::float8 as oldest_seconds
      from outbox`.execute(this.db.kysely);
    return { events: Number(rows[0]?.events ?? 0), oldestSeconds: Math.max(rows[0]?.oldest_seconds ?? 0, 0) };
  }
}
