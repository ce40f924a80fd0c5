import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData, EventInput } from '@signalpress/contracts';
import { waitFor } from '@signalpress/testing';
import { signalOf, startScoringApp } from './scoring-app.js';
import type { ScoringApp } from './scoring-app.js';

let app: ScoringApp;
beforeAll(async () => {
  app = await startScoringApp();
}, 60_000);
afterAll(() => app.close());

const learned: EventData<'weights.updated'>['weights'] = {
  freshness: 0.3367,
  engagement: 0.2868,
  novelty: 0.17,
  communityFit: 0.1032,
  seasonality: 0.1033,
};
const update = (version: number, weights = learned): EventInput<'weights.updated'> => ({
  model: 'idea-score',
  version,
  weights,
  samples: 40,
  updatedAt: '2026-05-05T02:00:00.000Z',
});
const versions = async () =>
  (await app.db.kysely.selectFrom('weights').select(['version', 'shares']).orderBy('version').execute()).map(
    ({ version, shares }) => [version, shares.novelty],
  );
const scoreOf = async (title: string) => {
  const signal = signalOf(title);
  await app.emit('signals.ingested', signal);
  return (await app.scoredWith(signal.signalId)).data;
};
const recompute = async (ideaId: string): Promise<unknown> =>
  (await fetch(`${app.url}/scores/${ideaId}/recompute`, { method: 'POST' })).json();
const weightsOf = ({ breakdown }: EventData<'ideas.scored'>) =>
  Object.fromEntries(breakdown.map(({ factor, weight }) => [factor, weight]));

describe('learned weights', () => {
  it('are what new scores are made with; old scores recompute as they were', async () => {
    const before = await scoreOf('Beekeepers knit scarves for garden gnomes');
    expect(before.weightsVersion).toBe(1);
    const id = await app.emit('weights.updated', update(2));
    await app.settled();
    const after = await scoreOf('Postmen train snails for express parcels');
    expect(after.weightsVersion).toBe(2);
    expect(weightsOf(after)).toEqual(learned);
    const sum = after.breakdown.reduce((total, { contribution }) => total + contribution, 0);
    expect(after.score).toBeCloseTo(sum, 10);
    for (const { ideaId, score } of [before, after]) {
      expect(await recompute(ideaId)).toMatchObject({ equal: true, stored: { score }, recomputed: { score } });
    }
    await app.redeliver(id);
    expect(await versions()).toEqual([
      [1, 1_500],
      [2, 1_700],
    ]);
  });

  it('may arrive in any order, and twice: the newest version counts, and none ever changes', async () => {
    await app.emit('weights.updated', update(5, { ...learned, novelty: 0.19, freshness: 0.3167 }));
    await app.emit('weights.updated', update(4, { ...learned, novelty: 0.18, freshness: 0.3267 }));
    await app.emit('weights.updated', update(5, { ...learned, novelty: 0.2, freshness: 0.3067 }));
    await app.emit('weights.updated', update(1));
    await app.settled();
    expect(await versions()).toEqual([
      [1, 1_500],
      [2, 1_700],
      [4, 1_800],
      [5, 1_900],
    ]);
    const score = await scoreOf('Divers open a library below the harbour');
    expect([score.weightsVersion, weightsOf(score)['novelty']]).toEqual([5, 0.19]);
  });

  it('are refused when they do not add up to one', async () => {
    await app.emit('weights.updated', update(6, { ...learned, novelty: 0.5 }));
    const deadLetters = async () => {
      const answer = await fetch(`${app.url}/dead-letters`);
      return ((await answer.json()) as { items: unknown[] }).items;
    };
    await waitFor(async () => (await deadLetters()).length > 0, { timeoutMs: 30_000, message: 'the dead letter' });
    expect((await versions()).map(([version]) => version)).toEqual([1, 2, 4, 5]);
    expect((await scoreOf('Choirs rehearse in empty swimming pools')).weightsVersion).toBe(5);
  }, 60_000);
});
