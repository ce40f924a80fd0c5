import { randomUUID } from 'node:crypto';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData, EventInput, EventType } from '@signalpress/contracts';
import { quickTuning, startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { sql } from '@signalpress/persistence';
import type { Database } from '@signalpress/persistence';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { MonitoringTables } from '../src/read-model/read-model.tables.js';

export interface MonitoringApp extends ServiceUnderTest<MonitoringTables> {
  get(path: string): Promise<{ status: number; body: unknown }>;
  metrics(): Promise<string>;
}

/**
 * Waits until these recurring workers have had their first run, which comes right after the start: on a busy machine that is when a
 * spec has begun already, and they would prune or judge what it has just written.
 */
export async function firstRunOf<Tables>(db: Database<Tables>, ...workers: string[]): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await sql`select from jobs
        where name = any(${workers}::text[]) and state = 'pending' and run_at > clock_timestamp()`.execute(db.kysely);
      return rows.length === workers.length;
    },
    { timeoutMs: 45_000, message: `the first run of ${workers.join(', ')}` },
  );
}

/** The whole service on a database of its own, with short waits. */
export async function startMonitoring(environment: Record<string, string> = {}): Promise<MonitoringApp> {
  const service = await startWithDatabase<MonitoringTables>((variables) => {
    const env = loadEnv(schema, { ...variables, ...environment });
    const app = () => Promise.resolve(AppModule.register(env, quickTuning));
    return createService({ service: 'monitoring', app }, env);
  });
  // The examples of events are older than what it keeps.
  await firstRunOf(service.db, 'read-model-retention');
  return {
    ...service,
    get: async (path) => {
      const response = await fetch(`${service.url}${path}`);
      return { status: response.status, body: await response.json() };
    },
    metrics: async () => (await fetch(`${service.url}/metrics`)).text(),
  };
}

/** An event's example with other values. */
export const like = <T extends EventType>(type: T, data: Partial<EventData<T>>): EventInput<T> =>
  eventCatalog[type].schema.parse({ ...eventCatalog[type].example, ...data }) as EventInput<T>;

/** An instant so many seconds before now, as an event carries it. */
export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();

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
