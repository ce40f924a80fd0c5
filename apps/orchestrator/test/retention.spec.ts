import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '@signalpress/service-defaults';
import { RetentionWorker } from '../src/workflow/workflow.retention.js';
import { finding, scoreOf, startOrchestrator } from './orchestrator-app.js';
import type { OrchestratorApp } from './orchestrator-app.js';

let app: OrchestratorApp;

beforeAll(async () => {
  app = await startOrchestrator();
});
afterAll(() => app.close());

const DAY_MS = 86_400_000;
const runAt = async (daysFromNow: number): Promise<void> => {
  const worker = new RetentionWorker(new Clock(new Date(performance.timeOrigin + daysFromNow * DAY_MS)));
  await app.db.transaction(await worker.run());
};
const states = async (): Promise<string[]> => {
  const rows = await app.db.kysely.selectFrom('ideas').select('state').orderBy('state').execute();
  return rows.map(({ state }) => state);
};

describe('retention', () => {
  it('removes what came to nothing and is old, with its history, and keeps what is under way', async () => {
    const rejected = scoreOf({ score: 0 });
    const held = scoreOf({ safety: [finding] });
    const rendering = scoreOf();
    for (const score of [rejected, held, rendering]) {
      await app.emit('ideas.scored', score);
      await app.event('ideas.decided', score.ideaId);
    }
    await app.db.kysely.updateTable('ideas').set({ state: 'failed' }).where('idea_id', '=', rendering.ideaId).execute();

    await runAt(89);
    expect(await states()).toEqual(['failed', 'held', 'rejected']);
    await runAt(91);
    expect(await states()).toEqual(['failed', 'held']);
    const history = app.db.kysely.selectFrom('transitions').selectAll().where('idea_id', '=', rejected.ideaId);
    expect(await history.execute()).toEqual([]);
    expect(await app.db.kysely.selectFrom('budget_days').selectAll().execute()).toEqual([]);
    await runAt(400);
    expect(await states()).toEqual(['held']);
    expect((await app.idea(held.ideaId)).history).toHaveLength(1);
  });
});
