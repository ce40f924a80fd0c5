import { randomUUID } from 'node:crypto';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData, EventEnvelope, EventInput, EventType } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import type { TraceContext } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { IdeaDetails } from '../src/ideas/ideas.view.js';
import type { OrchestratorTables } from '../src/workflow/workflow.tables.js';

export interface OrchestratorApp {
  readonly db: Database<OrchestratorTables>;
  /** Emits an event as another service would; it comes in through the log. Answers its id. */
  emit<T extends EventType>(type: T, data: EventInput<T>, trace?: TraceContext): Promise<string>;
  /** Brings an event from the log once more, as a transport does after a crash. */
  redeliver(eventId: string): Promise<void>;
  /** Every event of a type about the idea, as it stands in the log, in order. */
  events<T extends EventType>(type: T, ideaId: string): Promise<EventEnvelope<EventData<T>>[]>;
  /** The n-th event of a type about the idea, once it is there. */
  event<T extends EventType>(type: T, ideaId: string, n?: number): Promise<EventData<T>>;
  /** Jobs that wait for an answer about the idea. */
  deadlines(ideaId: string): Promise<number>;
  idea(ideaId: string): Promise<IdeaDetails>;
  /** The idea once it is in the state. */
  inState(ideaId: string, state: string): Promise<IdeaDetails>;
  /** The idea once an input was recorded so many times. */
  recorded(ideaId: string, input: string, times?: number): Promise<IdeaDetails>;
  get(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  post(path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** The whole service on a database of its own, with short waits. */
export async function startOrchestrator(environment: Record<string, string> = {}): Promise<OrchestratorApp> {
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
    { service: 'orchestrator', app: () => Promise.resolve(AppModule.register(env, tuning)) },
    env,
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = await app.getUrl();
  const db: Database<OrchestratorTables> = app.get(Database);
  const outbox = app.get(Outbox);

  const request = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const idea = async (ideaId: string): Promise<IdeaDetails> => {
    const { body } = await request(`/ideas/${ideaId}`);
    return body as IdeaDetails;
  };
  const events = async <T extends EventType>(type: T, ideaId: string): Promise<EventEnvelope<EventData<T>>[]> => {
    const { rows } = await sql<{ envelope: EventEnvelope<EventData<T>> }>`
      select envelope from events.log where type = ${type} and envelope->>'subject' = ${ideaId}
      order by position`.execute(db.kysely);
    return rows.map(({ envelope }) => envelope);
  };
  return {
    db,
    events,
    idea,
    get: (path) => request(path),
    post: (path, body) =>
      request(path, {
        method: 'POST',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    emit: async (type, data, trace) =>
      await db.transaction((tx) => outbox.publish(tx, type, data, trace === undefined ? {} : { trace })),
    deadlines: async (ideaId) => {
      const { rows } = await sql`
        select from jobs where name = 'deadline' and state = 'pending' and payload->>'ideaId' = ${ideaId}`.execute(
        db.kysely,
      );
      return rows.length;
    },
    redeliver: async (eventId) => {
      await waitFor(
        async () => {
          const { numAffectedRows } = await sql`insert into outbox (event_id, type, key, envelope)
            select (envelope->>'id')::uuid, type, envelope->>'subject', envelope from events.log
            where envelope->>'id' = ${eventId}`.execute(db.kysely);
          return numAffectedRows === 1n;
        },
        { message: `event ${eventId} to be in the log` },
      );
      await waitFor(
        async () => {
          const { rows } = await sql<{ waiting: boolean }>`
            select count(*) < 2 or exists (
              select from events.offsets join events.partitions using (partition)
              where group_name = 'orchestrator' and position < head) as waiting
            from events.log where envelope->>'id' = ${eventId}`.execute(db.kysely);
          return rows[0]?.waiting === false;
        },
        { message: `event ${eventId} to be consumed once more` },
      );
    },
    event: async (type, ideaId, n = 1) => {
      const found = await waitFor(async () => (await events(type, ideaId))[n - 1], {
        timeoutMs: 10_000,
        message: `${type} number ${n}`,
      });
      return found.data;
    },
    inState: (ideaId, state) =>
      waitFor(
        async () => {
          const found = await idea(ideaId);
          return found.state === state ? found : undefined;
        },
        { timeoutMs: 10_000, message: `idea ${ideaId} to be ${state}` },
      ),
    recorded: (ideaId, input, times = 1) =>
      waitFor(
        async () => {
          const found = await idea(ideaId);
          return found.history.filter((step) => step.input === input).length >= times ? found : undefined;
        },
        { timeoutMs: 10_000, message: `${input} to be recorded ${times} times` },
      ),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

/** A trace that another service began. */
export function foreignTrace(): TraceContext & { traceId: string } {
  const hex = (): string => randomUUID().replaceAll('-', '');
  const traceId = hex();
  return { traceId, traceparent: `00-${traceId}-${hex().slice(0, 16)}-01` };
}

/** A good idea that nobody has to look at, unless said otherwise. */
export function scoreOf(rest: Partial<EventInput<'ideas.scored'>> = {}): EventInput<'ideas.scored'> {
  return { ...eventCatalog['ideas.scored'].example, ideaId: randomUUID(), ...rest };
}

/** A finding that a reviewer has to look at. */
export const finding = { rule: 'person' as const, term: 'ada lovelace', explanation: 'names a person' };

/** The answer of mockup-generation to a command. */
export function mockupsOf(command: EventData<'mockups.requested'>): EventInput<'mockups.generated'> {
  const { ideaId, commandId, attempt } = command;
  const generatedAt = new Date().toISOString();
  return { ...eventCatalog['mockups.generated'].example, ideaId, commandId, attempt, generatedAt };
}

/** The answer of the publisher to a command. */
export function listingOf(command: EventData<'listings.requested'>): EventInput<'listings.published'> {
  const { ideaId, commandId, marketplace, sku, foundingCapturedAt, heldSeconds } = command;
  const known = { ideaId, commandId, marketplace, sku, foundingCapturedAt, heldSeconds };
  return { ...eventCatalog['listings.published'].example, ...known, publishedAt: new Date().toISOString() };
}
