import type { EventData, EventEnvelope, EventInput, EventType } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import { Database, sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { FeedbackTables } from '../src/performance/performance.tables.js';

export interface FeedbackApp {
  readonly db: Database<FeedbackTables>;
  /** Emits an event as another service would. Answers its id. */
  emit<T extends EventType>(type: T, data: EventInput<T>): Promise<string>;
  /** Brings an event from the log once more, as a transport does after a crash. */
  redeliver(eventId: string): Promise<void>;
  /** Waits until everything that was emitted is consumed. */
  settled(): Promise<void>;
  get(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  /** What was told about the performance of an idea, in order. */
  feedback(ideaId: string): Promise<EventData<'feedback.received'>[]>;
  close(): Promise<void>;
}

/** The whole service on a database of its own, with short waits. */
export async function startFeedbackLoop(environment: Record<string, string> = {}): Promise<FeedbackApp> {
  const database = await createTestDatabase();
  const env = loadEnv(schema, {
    NODE_ENV: 'test',
    LOG_LEVEL: 'fatal',
    PORT: '0',
    DATABASE_URL: database.url,
    ...environment,
  });
  const tuning = { pollMs: 50, heartbeatMs: 100 };
  const app = await createService(
    { service: 'feedback-loop', app: () => Promise.resolve(AppModule.register(env, tuning)) },
    env,
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = await app.getUrl();
  const db: Database<FeedbackTables> = app.get(Database);
  const outbox = app.get(Outbox);

  const settled = async (): Promise<void> => {
    await waitFor(
      async () => {
        const { rows } = await sql<{ behind: boolean }>`
          select exists (select from outbox) or exists (
            select from events.partitions p
            left join events.offsets o on o.partition = p.partition and o.group_name = 'feedback-loop'
            where coalesce(o.position, 0) < p.head) as behind`.execute(db.kysely);
        return rows[0]?.behind === false;
      },
      { timeoutMs: 10_000, message: 'all events to be consumed' },
    );
  };
  return {
    db,
    settled,
    emit: async (type, data) => await db.transaction((tx) => outbox.publish(tx, type, data)),
    redeliver: async (eventId) => {
      await settled();
      await sql`insert into outbox (event_id, type, key, envelope)
        select (envelope->>'id')::uuid, type, envelope->>'subject', envelope from events.log
        where envelope->>'id' = ${eventId}`.execute(db.kysely);
      await settled();
    },
    get: async (path) => {
      const response = await fetch(`${url}${path}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    feedback: async (ideaId) => {
      const { rows } = await sql<{ envelope: EventEnvelope<EventData<'feedback.received'>> }>`
        select envelope from events.log where type = 'feedback.received' and envelope->>'subject' = ${ideaId}
        order by position`.execute(db.kysely);
      return rows.map(({ envelope }) => envelope.data);
    },
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}
