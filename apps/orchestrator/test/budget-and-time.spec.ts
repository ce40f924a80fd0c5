import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { mockupsCommandId } from '../src/workflow/workflow.commands.js';
import { listingOf, mockupsOf, scoreOf, startOrchestrator } from './orchestrator-app.js';
import type { OrchestratorApp } from './orchestrator-app.js';

let app: OrchestratorApp | undefined;
const start = async (environment: Record<string, string>): Promise<OrchestratorApp> => {
  app = await startOrchestrator(environment);
  return app;
};
afterEach(async () => {
  await app?.close();
  app = undefined;
});

describe('daily budget', () => {
  it('is never overspent by ideas that arrive at once', async () => {
    const running = await start({ DAILY_LISTING_BUDGET: '3' });
    const scores = Array.from({ length: 12 }, () => scoreOf());
    await Promise.all(scores.map((score) => running.emit('ideas.scored', score)));
    const decisions = await Promise.all(scores.map(({ ideaId }) => running.event('ideas.decided', ideaId)));
    expect(decisions.filter(({ decision }) => decision === 'approved')).toHaveLength(3);
    expect(decisions.filter(({ rule }) => rule === 'daily-budget')).toHaveLength(9);
  });

  it('defers to the next shop day, decides again then, and does not count the time', async () => {
    const running = await start({
      DAILY_LISTING_BUDGET: '1',
      SHOP_TIMEZONE: 'Europe/Berlin',
      CLOCK_AS_OF: '2026-05-04T12:00:00.000Z',
    });
    const [first, second] = [scoreOf(), scoreOf()];
    await running.emit('ideas.scored', first);
    await running.event('ideas.decided', first.ideaId);
    await running.emit('ideas.scored', second);
    const deferral = await running.event('ideas.decided', second.ideaId);
    expect(deferral).toMatchObject({ decision: 'deferred', deferredUntil: '2026-05-04T22:00:00.000Z' });
    const refused = await running.post(`/ideas/${second.ideaId}/approve`, { by: 'ada', reason: 'now' });
    expect(refused).toMatchObject({ status: 409 });
    const { rows } = await sql<{ seconds: number }>`
      select extract(epoch from run_at - enqueued_at)::float8 as seconds from jobs where name = 'reconsider'`.execute(
      running.db.kysely,
    );
    const untilMidnight = Date.parse('2026-05-04T22:00:00.000Z') - Date.parse(deferral.decidedAt);
    expect(rows[0]?.seconds).toBeCloseTo(untilMidnight / 1_000, 0);

    // The next day, as far as the service can tell: nothing is spent, and the job is due.
    await running.db.kysely.updateTable('budget_days').set({ approved: 0 }).execute();
    await sql`update jobs set run_at = clock_timestamp() where name = 'reconsider'`.execute(running.db.kysely);
    const decided = await running.event('ideas.decided', second.ideaId, 2);
    expect(decided).toMatchObject({ decision: 'approved', rule: 'score-threshold', deferredUntil: null });
    await running.emit('mockups.generated', mockupsOf(await running.event('mockups.requested', second.ideaId)));
    const { heldSeconds } = await running.event('listings.requested', second.ideaId);
    expect(heldSeconds).toBeCloseTo((Date.parse(decided.decidedAt) - Date.parse(deferral.decidedAt)) / 1_000, 3);
  });

  it('is asked again and again as long as it is used up, and the hold goes on', async () => {
    const running = await start({ DAILY_LISTING_BUDGET: '0' });
    const score = scoreOf();
    await running.emit('ideas.scored', score);
    await running.event('ideas.decided', score.ideaId);
    await sql`update jobs set run_at = clock_timestamp() where name = 'reconsider'`.execute(running.db.kysely);
    expect(await running.event('ideas.decided', score.ideaId, 2)).toMatchObject({ decision: 'deferred' });
    const idea = await running.recorded(score.ideaId, 'reconsider');
    expect(idea).toMatchObject({ state: 'deferred', holds: [{ heldFor: 'budget', until: null }] });
  });
});

describe('deadlines', () => {
  it('asks for mockups again as a new attempt, then fails with the cause', async () => {
    const running = await start({ RENDER_TIMEOUT_SECONDS: '1' });
    const score = scoreOf();
    const { ideaId } = score;
    await running.emit('ideas.scored', score);
    const third = await running.event('mockups.requested', ideaId, 3);
    expect(third).toMatchObject({ attempt: 3, commandId: mockupsCommandId(ideaId, 3) });
    const failed = await running.inState(ideaId, 'failed');
    expect(failed).toMatchObject({ pending: null, cause: { code: 'deadline-exceeded' } });
    expect(await running.event('mockups.failed', ideaId)).toMatchObject({ attempt: 3, code: 'deadline-exceeded' });
    expect(await running.events('mockups.requested', ideaId)).toHaveLength(3);

    await running.emit('mockups.generated', mockupsOf(third));
    const late = await running.recorded(ideaId, 'mockups.generated');
    expect(late).toMatchObject({ state: 'failed' });
  });

  it('asks for the listing again by the same command, and takes the answer whenever it comes', async () => {
    const running = await start({ LISTING_TIMEOUT_SECONDS: '1' });
    const score = scoreOf();
    const { ideaId } = score;
    await running.emit('ideas.scored', score);
    await running.emit('mockups.generated', mockupsOf(await running.event('mockups.requested', ideaId)));
    const first = await running.event('listings.requested', ideaId, 1);
    const second = await running.event('listings.requested', ideaId, 2);
    expect(second.commandId).toBe(first.commandId);
    await running.emit('listings.published', listingOf(first));
    await running.inState(ideaId, 'listed');
    const asked = await running.events('listings.requested', ideaId);
    expect(await running.deadlines(ideaId)).toBe(0);
    await sleep(1_500);
    expect(await running.events('listings.requested', ideaId)).toHaveLength(asked.length);
  });
});
