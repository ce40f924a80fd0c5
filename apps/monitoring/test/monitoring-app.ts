import { randomUUID } from 'node:crypto';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData, EventInput, EventType } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import type { TraceContext } from '@signalpress/observability';
import { Lifecycle } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { MonitoringTables } from '../src/read-model/read-model.tables.js';

export interface MonitoringApp {
  readonly db: Database<MonitoringTables>;
  /** Emits an event as another service would. Answers its id. */
  emit<T extends EventType>(type: T, data: EventInput<T>, trace?: TraceContext): Promise<string>;
  /** Brings an event from the log once more, as a transport does after a crash. */
  redeliver(eventId: string): Promise<void>;
  /** Waits until everything that was emitted is consumed. */
  settled(): Promise<void>;
  get(path: string): Promise<{ status: number; body: unknown }>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** The whole service on a database of its own, with short waits. */
export async function startMonitoring(environment: Record<string, string> = {}): Promise<MonitoringApp> {
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
    { service: 'monitoring', app: () => Promise.resolve(AppModule.register(env, tuning)) },
    env,
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  app.get(Lifecycle).markReady();
  const url = await app.getUrl();
  const db: Database<MonitoringTables> = app.get(Database);
  const outbox = app.get(Outbox);

  const settled = async (): Promise<void> => {
    await waitFor(
      async () => {
        const { rows } = await sql<{ behind: boolean }>`
          select exists (select from outbox) or exists (
            select from events.partitions p
            left join events.offsets o on o.partition = p.partition and o.group_name = 'monitoring'
            where coalesce(o.position, 0) < p.head) as behind`.execute(db.kysely);
        return rows[0]?.behind === false;
      },
      { timeoutMs: 10_000, message: 'all events to be consumed' },
    );
  };
  return {
    db,
    settled,
    emit: async (type, data, trace) =>
      await db.transaction((tx) => outbox.publish(tx, type, data, trace === undefined ? {} : { trace })),
    redeliver: async (eventId) => {
      await settled();
      await sql`insert into outbox (event_id, type, key, envelope)
        select (envelope->>'id')::uuid, type, envelope->>'subject', envelope from events.log
        where envelope->>'id' = ${eventId}`.execute(db.kysely);
      await settled();
    },
    get: async (path) => {
      const response = await fetch(`${url}${path}`);
      return { status: response.status, body: await response.json() };
    },
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

/** An event's example with other values. */
export const like = <T extends EventType>(type: T, data: Partial<EventData<T>>): EventInput<T> =>
  eventCatalog[type].schema.parse({ ...eventCatalog[type].example, ...data }) as EventInput<T>;

/** An instant so many seconds before now, as an event carries it. */
export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();

/** A trace that another service began. */
export function foreignTrace(): TraceContext & { traceId: string } {
  const hex = (): string => randomUUID().replaceAll('-', '');
  const traceId = hex();
  return { traceId, traceparent: `00-${traceId}-${hex().slice(0, 16)}-01` };
}

/** The events of an idea from its signal to its listing; captured 100 s ago, held for 40 s, listed 10 s ago. */
export function walk(ingestionId: string = randomUUID()) {
  const [ideaId, signalId] = [randomUUID(), randomUUID()];
  const start = { foundingCapturedAt: ago(100), heldSeconds: 40 };
  const { foundingCapturedAt } = start;
  return {
    ideaId,
    signalId,
    signal: like('signals.ingested', { signalId, ingestionId, capturedAt: foundingCapturedAt }),
    scored: like('ideas.scored', {
      ideaId,
      foundingSignalId: signalId,
      signalIds: [signalId],
      foundingCapturedAt,
      asOf: ago(90),
    }),
    held: like('ideas.decided', {
      ideaId,
      decision: 'held',
      rule: 'safety-person',
      heldFor: 'reviewer',
      decidedAt: ago(90),
    }),
    approved: like('ideas.decided', { ideaId, decision: 'approved', rule: 'by-hand', decidedAt: ago(50) }),
    mockups: like('mockups.requested', { ideaId, requestedAt: ago(50) }),
    generated: like('mockups.generated', { ideaId, generatedAt: ago(30) }),
    requested: like('listings.requested', { ideaId, ...start, requestedAt: ago(30) }),
    published: like('listings.published', { ideaId, ...start, listingId: randomUUID(), publishedAt: ago(10) }),
  };
}
