import { randomUUID } from 'node:crypto';
import type { EventData, EventEnvelope, EventInput } from '@signalpress/contracts';
import { quickTuning, startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';
import type { ScoringTables } from '../src/scoring/scoring.tables.js';

export type ScoredEvent = EventEnvelope<EventData<'ideas.scored'>>;

export interface ScoringApp extends ServiceUnderTest<ScoringTables> {
  /** Everything the service told about an idea or all ideas, as it stands in the log, in order. */
  scored(ideaId?: string): Promise<ScoredEvent[]>;
  /** The first `ideas.scored` that holds the signal, once it is there; of at least that revision. */
  scoredWith(signalId: string, revision?: number): Promise<ScoredEvent>;
}

/** The whole service on a database of its own, with short waits. */
export async function startScoringApp(environment: Record<string, string> = {}): Promise<ScoringApp> {
  const service = await startWithDatabase<ScoringTables>((variables) => {
    const env = loadEnv(schema, { ...variables, GATHER_QUIET_MS: '500', ...environment });
    const app = () => Promise.resolve(AppModule.register(env, quickTuning));
    return createService({ service: 'scoring-engine', app }, env);
  });
  const scored = (ideaId?: string) => service.events('ideas.scored', ideaId);
  return {
    ...service,
    scored,
    scoredWith: (signalId, revision = 1) =>
      waitFor(
        async () => (await scored()).find(({ data }) => data.signalIds.includes(signalId) && data.revision >= revision),
        { timeoutMs: 10_000, message: `a score with signal ${signalId}` },
      ),
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
