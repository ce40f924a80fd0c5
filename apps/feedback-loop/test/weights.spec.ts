import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventCatalog } from '@signalpress/contracts';
import type { ScoreFactor } from '@signalpress/contracts';
import { sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { startFeedbackLoop } from './feedback-app.js';
import type { FeedbackApp } from './feedback-app.js';

const weights: Record<ScoreFactor, number> = {
  freshness: 0.35,
  engagement: 0.3,
  novelty: 0.15,
  communityFit: 0.1,
  seasonality: 0.1,
};
const factorNames = Object.keys(weights) as ScoreFactor[];
const often = { WEIGHTS_LEARN_SECONDS: '1', WEIGHTS_MINIMUM_SAMPLES: '30' };

let apps: FeedbackApp[] = [];
const start = async (environment: Record<string, string> = often, beside?: FeedbackApp): Promise<FeedbackApp> => {
  const app = await startFeedbackLoop(environment, beside);
  apps.unshift(app);
  return app;
};
afterEach(async () => {
  // The last one shares the database of the first.
  for (const app of apps) await app.close();
  apps = [];
});

/** Ideas of which the novel ones sell, as the other services tell of them. */
async function sell(app: FeedbackApp, count: number, weightsVersion = 1): Promise<string[]> {
  const scored = eventCatalog['ideas.scored'].example;
  const observed = eventCatalog['listings.observed'].example;
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const [index, ideaId] of ids.entries()) {
    const breakdown = factorNames.map((factor) => {
      const value = factor === 'novelty' ? index / count : 0.5;
      return { factor, value, weight: weights[factor], contribution: value * weights[factor], explanation: 'spec' };
    });
    await app.emit('ideas.scored', { ...scored, ideaId, weightsVersion, breakdown });
    await app.emit('listings.published', { ...eventCatalog['listings.published'].example, ideaId, listingId: ideaId });
    await app.emit('listings.observed', {
      ...observed,
      ideaId,
      listingId: ideaId,
      views: 500,
      favourites: 0,
      sales: index,
    });
  }
  await app.settled();
  return ids;
}

const told = async (app: FeedbackApp) => (await app.events('weights.updated')).map(({ data }) => data);
const runs = async (app: FeedbackApp, outcome: string): Promise<number> => {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(
    new RegExp(`^signalpress_weight_learnings_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
  );
};
/** Waits until learning has come to this `more` times more. */
const looked = async (app: FeedbackApp, outcome: string, more = 2): Promise<void> => {
  const before = await runs(app, outcome);
  await waitFor(async () => (await runs(app, outcome)) >= before + more, { timeoutMs: 20_000, message: outcome });
};

describe('learning', () => {
  it('waits for enough ideas that somebody looked at, then takes one step and tells of it', async () => {
    const app = await start();
    await sell(app, 29);
    await looked(app, 'too-few-samples');
    expect(await told(app)).toEqual([]);
    const unseen = randomUUID();
    await app.emit('ideas.scored', { ...eventCatalog['ideas.scored'].example, ideaId: unseen });
    await app.emit('listings.published', { ...eventCatalog['listings.published'].example, ideaId: unseen });
    await app.settled();
    await looked(app, 'too-few-samples');

    await sell(app, 1);
    const [event] = (await app.waitForEvents('weights.updated')).map(({ data }) => data);
    expect(eventCatalog['weights.updated'].schema.parse(event)).toEqual(event);
    expect(event).toMatchObject({ model: 'idea-score', version: 2, samples: 30, weights: { novelty: 0.17 } });
    const units = Object.values(event!.weights).map((weight) => weight * 10_000);
    expect(units.reduce((sum, share) => sum + Math.round(share), 0)).toBe(10_000);

    const rows = await app.db.kysely.selectFrom('weight_versions').selectAll().orderBy('version').execute();
    expect(rows).toMatchObject([
      { version: 1, samples: 0, shares: { freshness: 3_500, novelty: 1_500 }, correlations: null },
      { version: 2, samples: 30, shares: { novelty: 1_700 }, updated_at: new Date(event!.updatedAt) },
    ]);
    // The same performance once more teaches nothing; a new sale does.
    await looked(app, 'nothing-new');
    expect(await told(app)).toHaveLength(1);
    await sell(app, 1);
    const second = (await app.waitForEvents('weights.updated', { count: 2 })).map(({ data }) => data)[1]!;
    expect(second).toMatchObject({ version: 3, samples: 31, weights: { novelty: 0.19 } });
  }, 90_000);

  it('takes one step at most in the time that is set, also in two instances', async () => {
    const first = await start({ WEIGHTS_MINIMUM_SAMPLES: '30', WEIGHTS_LEARN_SECONDS: '86400' });
    const second = await start({ WEIGHTS_MINIMUM_SAMPLES: '30', WEIGHTS_LEARN_SECONDS: '86400' }, first);
    await sell(first, 31);
    // Again and again: a run that is just ending puts off the next one by a day, whatever was said meanwhile.
    const learnUntil = (done: () => Promise<boolean>, message: string): Promise<boolean> =>
      waitFor(
        async () => {
          await sql`update jobs set run_at = now() where name = 'learn-weights'`.execute(first.db.kysely);
          return done();
        },
        { intervalMs: 200, message },
      );
    const versions = async (): Promise<number[]> => (await told(first)).map(({ version }) => version);
    await learnUntil(async () => (await versions()).length > 0, 'the first step');
    const tooSoon = async (): Promise<number> => (await runs(first, 'too-soon')) + (await runs(second, 'too-soon'));
    for (let step = 0; step < 2; step += 1) {
      await sell(first, 1);
      const before = await tooSoon();
      await learnUntil(async () => (await tooSoon()) > before + 1, 'a look that comes too soon');
    }
    expect(await versions()).toEqual([2]);
    await sql`update weight_versions set recorded_at = now() - interval '24 hours 1 second'`.execute(first.db.kysely);
    await learnUntil(async () => (await versions()).length > 1, 'the next step');
    expect(await versions()).toEqual([2, 3]);
  }, 90_000);

  it('goes on from the newest weights that scores were made with, when its own are older or lost', async () => {
    const app = await start();
    await sell(app, 30, 7);
    const [event] = await app.waitForEvents('weights.updated');
    expect(event!.data).toMatchObject({ version: 8, weights: { novelty: 0.17 } });
  }, 60_000);
});
