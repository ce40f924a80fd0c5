import { randomUUID } from 'node:crypto';
import type { EventData, EventEnvelope, EventInput, EventType } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import type { TraceContext } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { ScoringTables } from '../src/scoring/scoring.tables.js';

export type ScoredEvent = EventEnvelope<EventData<'ideas.scored'>>;

export interface ScoringApp {
  readonly db: Database<ScoringTables>;
  /** Base URL of the HTTP interface. */
  readonly url: string;
  /** Emits an event as another service would; it comes in through the log. */
  emit<T extends EventType>(type: T, data: EventInput<T>, trace?: TraceContext): Promise<void>;
  /** Everything the service told about an idea or all ideas, as it stands in the log, in order. */
  scored(ideaId?: string): Promise<ScoredEvent[]>;
  /** The first `ideas.scored` that holds the signal, once it is there; of at least that revision. */
  scoredWith(signalId: string, revision?: number): Promise<ScoredEvent>;
  close(): Promise<void>;
}

/** The whole service on a database of its own, with short waits. */
export async function startScoringApp(environment: Record<string, string> = {}): Promise<ScoringApp> {
  const database = await createTestDatabase();
  const env = loadEnv(schema, {
    NODE_ENV: 'test',
    LOG_LEVEL: 'fatal',
    PORT: '0',
    DATABASE_URL: database.url,
    GATHER_QUIET_MS: '150',
    ...environment,
  });
  const tuning = { pollMs: 50, heartbeatMs: 100 };
  const app = await createService(
    { service: 'scoring-engine', app: () => Promise.resolve(AppModule.register(env, tuning)) },
    env,
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const db: Database<ScoringTables> = app.get(Database);
  const outbox = app.get(Outbox);

  const scored = async (ideaId?: string): Promise<ScoredEvent[]> => {
    const { rows } = await sql<{ envelope: ScoredEvent }>`
      select envelope from events.log where type = 'ideas.scored' order by appended_at, position`.execute(db.kysely);
    return rows.map(({ envelope }) => envelope).filter(({ data }) => ideaId === undefined || data.ideaId === ideaId);
  };
  return {
    db,
    url: await app.getUrl(),
    emit: async (type, data, trace) => {
      await db.transaction(async (tx) => {
        await outbox.publish(tx, type, data, trace === undefined ? {} : { trace });
      });
    },
    scored,
    scoredWith: async (signalId, revision = 1) =>
      await waitFor(
        async () => (await scored()).find(({ data }) => data.signalIds.includes(signalId) && data.revision >= revision),
        { timeoutMs: 10_000, message: `a score with signal ${signalId}` },
      ),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

/** A signal that was captured now, unless said otherwise. */
export function signalOf(title: string, rest: Partial<EventInput<'signals.ingested'>> = {}) {
  return {
    signalId: randomUUID(),
    source: 'feed:spec',
    ingestionId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a02',
    title,
    publishedAt: null,
    capturedAt: new Date().toISOString(),
    engagement: null,
    ...rest,
  } satisfies EventInput<'signals.ingested'>;
}

/** A trace that another service began. */
export function foreignTrace(): TraceContext & { traceId: string } {
  const hex = (length: number) => randomUUID().replaceAll('-', '').padEnd(length, '0').slice(0, length);
  const traceId = hex(32);
  return { traceId, traceparent: `00-${traceId}-${hex(16)}-01` };
}

/** What the orchestrator says about an idea. */
export function decisionOf(
  ideaId: string,
  rest: Partial<EventInput<'ideas.decided'>> = {},
): EventInput<'ideas.decided'> {
  return {
    ideaId,
    revision: 1,
    decision: 'approved',
    rule: 'score-threshold',
    reason: 'said by a spec',
    heldFor: null,
    deferredUntil: null,
    duplicateOf: null,
    decidedBy: 'policy',
    decidedAt: new Date().toISOString(),
    ...rest,
  };
}
