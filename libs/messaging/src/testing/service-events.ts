import { randomBytes } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import type { EventData, EventEnvelope, EventInput, EventType } from '@signalpress/contracts';
import type { TraceContext } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { MessagingSettings } from '../messaging.options.js';
import { Outbox } from '../outbox/outbox.js';

/** Below Jest's limit for a case (60 s), so that a failure says what was waited for. */
const PATIENCE_MS = 30_000;

/** Which events are waited for. */
export interface EventsWanted {
  /** Only those with this key, e.g. an idea's id. */
  readonly key?: string;
  /** How many there must be at least; default 1. */
  readonly count?: number;
}

/** What comes to a service through the log, and what it says there. Waits fail after 30 s. */
export interface ServiceEvents {
  /**
   * Emits an event as another service would: it comes in through the log.
   * @returns the event's id
   */
  emit<T extends EventType>(type: T, data: EventInput<T>, trace?: TraceContext): Promise<string>;
  /** Waits until everything that was emitted, by whomever, is consumed. For a service that has handlers. */
  settled(): Promise<void>;
  /** Brings an event from the log once more, as a transport does after a crash, and waits until it is consumed. */
  redeliver(eventId: string): Promise<void>;
  /** Every event of the type as it stands in the log, in order, once all that is committed has left the outbox. */
  events<T extends EventType>(type: T, key?: string): Promise<EventEnvelope<EventData<T>>[]>;
  /** The same, once there are enough of them. */
  waitForEvents<T extends EventType>(type: T, wanted?: EventsWanted): Promise<EventEnvelope<EventData<T>>[]>;
}

/** The events around an application that imports `MessagingModule`. */
export function eventsOf(app: INestApplication): ServiceEvents {
  const db = app.get<Database>(Database);
  const outbox = app.get(Outbox);
  const { service } = app.get(MessagingSettings);

  const holds = async (condition: ReturnType<typeof sql>): Promise<boolean> => {
    const { rows } = await sql<{ holds: boolean }>`select ${condition} as holds`.execute(db.kysely);
    return rows[0]?.holds === true;
  };
  const outboxIsEmpty = sql`not exists (select from outbox)`;
  const logIsConsumed = sql`not exists (
    select from events.partitions p
    left join events.offsets o on o.partition = p.partition and o.group_name = ${service}
    where coalesce(o.position, 0) < p.head)`;

  const settled = async (): Promise<void> => {
    await waitFor(() => holds(sql`${outboxIsEmpty} and ${logIsConsumed}`), {
      timeoutMs: PATIENCE_MS,
      message: `${service} to consume all events`,
    });
  };
  const events = async <T extends EventType>(type: T, key?: string): Promise<EventEnvelope<EventData<T>>[]> => {
    await waitFor(() => holds(outboxIsEmpty), { timeoutMs: PATIENCE_MS, message: 'the outbox to be empty' });
    // A key stays in one partition, whose positions are the order; between partitions there is only the time of writing.
    const [about, order] =
      key === undefined ? [sql`true`, sql`recorded_at, position`] : [sql`envelope->>'subject' = ${key}`, sql`position`];
    const { rows } = await sql<{ envelope: EventEnvelope<EventData<T>> }>`
      select envelope from events.log where type = ${type} and ${about} order by ${order}`.execute(db.kysely);
    return rows.map(({ envelope }) => envelope);
  };
  return {
    settled,
    events,
    emit: (type, data, trace) =>
      db.transaction((tx) => outbox.publish(tx, type, data, trace === undefined ? {} : { trace })),
    redeliver: async (eventId) => {
      await settled();
      const { numAffectedRows } = await sql`
        insert into outbox (event_id, type, key, envelope)
        select (envelope->>'id')::uuid, type, envelope->>'subject', envelope from events.log
        where envelope->>'id' = ${eventId} limit 1`.execute(db.kysely);
      if (numAffectedRows !== 1n) throw new Error(`The log has no event ${eventId}`);
      await settled();
    },
    waitForEvents: (type, { key, count = 1 } = {}) =>
      waitFor(
        async () => {
          const found = await events(type, key);
          return found.length >= count && found;
        },
        { timeoutMs: PATIENCE_MS, message: `${count} ${type}${key === undefined ? '' : ` about ${key}`}` },
      ),
  };
}

/** A sampled trace that another service began. */
export function foreignTrace(): TraceContext & { readonly traceId: string } {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
}
