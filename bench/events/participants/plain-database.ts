import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEnvelope } from '@signalpress/contracts';
import pg from 'pg';
import { POOL_MAX, RELAY_BATCH, SERVICE, envelopeOf } from '../work.ts';
import type { Observation } from '../work.ts';

export interface OutboxRow {
  readonly key: string;
  readonly envelope: string;
}

/** Wait of the relay when the outbox was empty: short, so that it adds little to the latency. */
const IDLE_MS = 10;

const EFFECT = 'insert into effects (event_id, idea_id, number, published_at) values ($1, $2, $3, $4)';
/** As libs/persistence does by itself. */
const prepares = process.env['EVENTS_PREPARED'] === '1';

/** The database work that every participant does, with nothing but `pg`. */
export class PlainDatabase {
  private readonly pool: pg.Pool;
  private relaying: Promise<void> | undefined;
  private stopping = false;

  constructor(databaseUrl: string) {
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_MAX, options: `-c search_path=${SERVICE}` });
  }

  async publish(number: number): Promise<void> {
    const envelope = envelopeOf(number);
    await this.transaction((client) =>
      client.query('insert into outbox (event_id, type, key, envelope) values ($1, $2, $3, $4)', [
        envelope.id,
        envelope.type,
        envelope.subject,
        JSON.stringify(envelope),
      ]),
    );
  }

  /** Inbox row and effect in one transaction; a redelivery has no second effect. */
  async handle(event: EventEnvelope<Observation>): Promise<void> {
    await this.transaction(async (client) => {
      const { rowCount } = await client.query(
        'insert into inbox (event_id, type) values ($1, $2) on conflict do nothing',
        [event.id, event.type],
      );
      if (rowCount === 1) await this.effect(client, event);
    });
  }

  /** The same for several: one transaction, one statement for all inbox rows, an effect for each event that is new. */
  async handleAll(events: readonly EventEnvelope<Observation>[]): Promise<void> {
    await this.transaction(async (client) => {
      const { rows } = await client.query<{ event_id: string }>(
        `insert into inbox (event_id, type) select * from unnest($1::uuid[], $2::text[])
         on conflict do nothing returning event_id`,
        [events.map(({ id }) => id), events.map(({ type }) => type)],
      );
      const fresh = new Set(rows.map((row) => row.event_id));
      for (const event of events) if (fresh.delete(event.id)) await this.effect(client, event);
    });
  }

  /** Moves rows from the outbox to `send`, in order, until it is stopped. */
  startRelay(send: (rows: readonly OutboxRow[]) => Promise<void>): void {
    this.relaying ??= this.relay(send);
  }

  async close(): Promise<void> {
    this.stopping = true;
    await this.relaying;
    await this.pool.end();
  }

  private async relay(send: (rows: readonly OutboxRow[]) => Promise<void>): Promise<void> {
    while (!this.stopping) {
      const moved = await this.transaction(async (client) => {
        const { rows } = await client.query<OutboxRow>(
          `with oldest as (
             delete from outbox where seq in (select seq from outbox order by seq limit $1)
             returning seq, key, envelope::text as envelope
           )
           select key, envelope from oldest order by seq`,
          [RELAY_BATCH],
        );
        if (rows.length > 0) await send(rows);
        return rows.length;
      });
      if (moved === 0) await sleep(IDLE_MS);
    }
  }

  private async effect(client: pg.PoolClient, { id, data }: EventEnvelope<Observation>): Promise<void> {
    const values = [id, data.ideaId, data.views, data.observedAt];
    await (prepares ? client.query({ name: 'effect', text: EFFECT, values }) : client.query(EFFECT, values));
  }

  private async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}
