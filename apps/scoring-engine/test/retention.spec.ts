import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prune } from '../src/retention/retention.worker.js';
import { signalOf, startScoringApp } from './scoring-app.js';
import type { ScoringApp } from './scoring-app.js';

describe('retention', () => {
  let app: ScoringApp;

  beforeAll(async () => {
    app = await startScoringApp();
  }, 60_000);

  afterAll(async () => await app.close(), 30_000);

  it('removes old ideas with all their texts, and keeps the vector and the sales of what sold', async () => {
    const old = signalOf('Marble runs through a whole cathedral');
    const sold = signalOf('Teapots shaped like lighthouses');
    const young = signalOf('Origami cranes on every bus seat');
    const ids: string[] = [];
    for (const signal of [old, sold, young]) {
      await app.emit('signals.ingested', signal);
      ids.push((await app.scoredWith(signal.signalId)).data.ideaId);
    }
    const [, soldId, youngId] = ids;
    const ideas = app.db.kysely.updateTable('ideas');
    await ideas.set({ opened_at: '2026-01-01T00:00:00.000Z' }).where('id', 'in', ids.slice(0, 2)).execute();
    await ideas.set({ sales: 4 }).where('id', '=', soldId!).execute();

    await app.db.transaction(async (tx) => await prune(tx, new Date('2026-02-01T00:00:00.000Z')));

    const left = await app.db.kysely.selectFrom('ideas').select(['id', 'sales']).orderBy('position').execute();
    expect(left).toEqual([
      { id: soldId, sales: '4' },
      { id: youngId, sales: '0' },
    ]);
    const signals = await app.db.kysely.selectFrom('signals').select('id').execute();
    expect(signals).toEqual([{ id: young.signalId }]);
    const scores = await app.db.kysely.selectFrom('scores').select('idea_id').execute();
    expect(scores).toEqual([{ idea_id: youngId }]);
  });
});
