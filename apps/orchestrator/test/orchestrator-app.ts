import { randomUUID } from 'node:crypto';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData, EventInput, EventType } from '@signalpress/contracts';
import { quickTuning, startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { sql } from '@signalpress/persistence';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { IdeaDetails } from '../src/ideas/ideas.view.js';
import type { OrchestratorTables } from '../src/workflow/workflow.tables.js';

export interface OrchestratorApp extends ServiceUnderTest<OrchestratorTables> {
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
}

/** The whole service on a database of its own, with short waits. */
export async function startOrchestrator(environment: Record<string, string> = {}): Promise<OrchestratorApp> {
  const service = await startWithDatabase<OrchestratorTables>((variables) => {
    const env = loadEnv(schema, { ...variables, ...environment });
    const app = () => Promise.resolve(AppModule.register(env, quickTuning));
    return createService({ service: 'orchestrator', app }, env);
  });
  const request = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${service.url}${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const idea = async (ideaId: string): Promise<IdeaDetails> => {
    const { body } = await request(`/ideas/${ideaId}`);
    return body as IdeaDetails;
  };
  return {
    ...service,
    idea,
    get: (path) => request(path),
    post: (path, body) =>
      request(path, {
        method: 'POST',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    deadlines: async (ideaId) => {
      const { rows } = await sql`
        select from jobs where name = 'deadline' and state = 'pending' and payload->>'ideaId' = ${ideaId}`.execute(
        service.db.kysely,
      );
      return rows.length;
    },
    event: async (type, ideaId, n = 1) => (await service.waitForEvents(type, { key: ideaId, count: n }))[n - 1]!.data,
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
  };
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
