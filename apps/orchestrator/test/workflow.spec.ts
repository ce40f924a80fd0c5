import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventCatalog } from '@signalpress/contracts';
import { foreignTrace } from '@signalpress/messaging/testing';
import { configureTracing } from '@signalpress/observability';
import { listingCommandId, mockupsCommandId, skuFor } from '../src/workflow/workflow.commands.js';
import { finding, listingOf, mockupsOf, scoreOf, startOrchestrator } from './orchestrator-app.js';
import type { OrchestratorApp } from './orchestrator-app.js';

let app: OrchestratorApp;

beforeAll(async () => {
  configureTracing('orchestrator');
  app = await startOrchestrator();
});
afterAll(() => app.close());

const by = { by: 'ada', reason: 'looks fine' };

describe('an idea on its way', () => {
  it('is approved, rendered, listed and withdrawn, with one command per step and all of it in its history', async () => {
    const score = scoreOf();
    const { ideaId } = score;
    const trace = foreignTrace();
    await app.emit('ideas.scored', score, trace);

    expect(await app.event('ideas.decided', ideaId)).toMatchObject({ decision: 'approved', rule: 'score-threshold' });
    const mockups = await app.event('mockups.requested', ideaId);
    expect(await app.deadlines(ideaId)).toBe(1);
    expect(mockups).toMatchObject({ commandId: mockupsCommandId(ideaId, 1), attempt: 1, phrase: score.phrase });

    await app.emit('mockups.generated', mockupsOf(mockups), trace);
    const listing = await app.event('listings.requested', ideaId);
    expect(listing).toMatchObject({
      commandId: listingCommandId(ideaId, 'storefront'),
      sku: skuFor(ideaId),
      copy: score.copy,
      heldSeconds: 0,
      foundingCapturedAt: score.foundingCapturedAt,
      design: eventCatalog['mockups.generated'].example.design,
    });

    await app.emit('listings.published', listingOf(listing), trace);
    const listed = await app.inState(ideaId, 'listed');
    expect(listed).toMatchObject({ pending: null, heldSeconds: 0, holds: [], sku: skuFor(ideaId) });
    expect(listed.history.map(({ from, to, input }) => [from, to, input])).toEqual([
      ['new', 'rendering', 'ideas.scored'],
      ['rendering', 'listing', 'mockups.generated'],
      ['listing', 'listed', 'listings.published'],
    ]);
    expect(listed.history.map(({ traceId }) => traceId)).toEqual(Array(3).fill(trace.traceId));
    const sent = await app.events('mockups.requested', ideaId);
    expect(sent[0]?.traceparent).toContain(trace.traceId);
    expect(await app.deadlines(ideaId)).toBe(0);

    const withdrawal = await app.post(`/ideas/${ideaId}/withdraw`);
    expect(withdrawal).toMatchObject({ status: 202, body: { state: 'withdrawing' } });
    const command = await app.event('listings.withdraw-requested', ideaId);
    expect(command).toMatchObject({ commandId: listing.commandId, sku: listing.sku, reason: 'withdrawn by hand' });
    const { commandId, marketplace, sku } = command;
    await app.emit('listings.withdrawn', {
      ideaId,
      commandId,
      marketplace,
      sku,
      withdrawnAt: new Date().toISOString(),
    });
    expect(await app.inState(ideaId, 'withdrawn')).toMatchObject({ pending: null });
    expect(await app.post(`/ideas/${ideaId}/withdraw`)).toMatchObject({ status: 409 });
  });

  it('is held for a reviewer, and the time held is told with the listing', async () => {
    const score = scoreOf({ safety: [finding] });
    const { ideaId } = score;
    await app.emit('ideas.scored', score);
    expect(await app.event('ideas.decided', ideaId)).toMatchObject({ decision: 'held', heldFor: 'reviewer' });
    expect(await app.inState(ideaId, 'held')).toMatchObject({ rule: 'safety-person', holds: [{ until: null }] });
    expect(await app.events('mockups.requested', ideaId)).toEqual([]);

    const approval = await app.post(`/ideas/${ideaId}/approve`, by);
    expect(approval).toMatchObject({ status: 200, body: { state: 'rendering', rule: 'by-hand', decidedBy: 'ada' } });
    const decided = await app.event('ideas.decided', ideaId, 2);
    expect(decided).toMatchObject({ decision: 'approved', rule: 'by-hand', reason: by.reason, decidedBy: 'ada' });
    await app.emit('mockups.generated', mockupsOf(await app.event('mockups.requested', ideaId)));
    const listing = await app.event('listings.requested', ideaId);
    await app.emit('listings.published', listingOf(listing));
    const listed = await app.inState(ideaId, 'listed');
    const held = (await app.event('ideas.decided', ideaId)).decidedAt;
    const heldSeconds = (Date.parse(decided.decidedAt) - Date.parse(held)) / 1_000;
    expect(heldSeconds).toBeGreaterThan(0);
    expect(listing.heldSeconds).toBeCloseTo(heldSeconds, 3);
    expect(listed).toMatchObject({
      heldSeconds: listing.heldSeconds,
      holds: [{ heldFor: 'reviewer', until: decided.decidedAt }],
    });
  });

  it('is rejected by hand, and nothing more can be done with it', async () => {
    const score = scoreOf({ safety: [finding] });
    await app.emit('ideas.scored', score);
    await app.inState(score.ideaId, 'held');
    expect(await app.post(`/ideas/${score.ideaId}/reject`, by)).toMatchObject({
      status: 200,
      body: { state: 'rejected' },
    });
    expect(await app.event('ideas.decided', score.ideaId, 2)).toMatchObject({ decision: 'rejected', rule: 'by-hand' });
    const again = await app.post(`/ideas/${score.ideaId}/approve`, by);
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ type: 'urn:signalpress:problem:state-conflict', status: 409 });
    expect(again.body['detail']).toContain('rejected');
  });

  it('is rejected below the threshold and as a repetition', async () => {
    const poor = scoreOf({ score: 0.2 });
    const repeated = scoreOf({ duplicateOf: poor.ideaId });
    await app.emit('ideas.scored', poor);
    await app.emit('ideas.scored', repeated);
    expect(await app.event('ideas.decided', poor.ideaId)).toMatchObject({
      decision: 'rejected',
      rule: 'score-threshold',
    });
    const decision = await app.event('ideas.decided', repeated.ideaId);
    expect(decision).toMatchObject({ decision: 'rejected', rule: 'duplicate', duplicateOf: poor.ideaId });
  });

  it('is decided again when it is scored again while held', async () => {
    const score = scoreOf({ safety: [finding] });
    await app.emit('ideas.scored', score);
    await app.inState(score.ideaId, 'held');
    await app.emit('ideas.scored', { ...score, revision: 2, safety: [] });
    expect(await app.inState(score.ideaId, 'rendering')).toMatchObject({ revision: 2, rule: 'score-threshold' });
    await app.emit('ideas.scored', { ...score, revision: 3, score: 0.1 });
    const after = await app.recorded(score.ideaId, 'ideas.scored', 3);
    expect(after).toMatchObject({ state: 'rendering', revision: 2 });
    expect(after.history.at(-1)).toMatchObject({ applied: false, note: 'already-decided' });
  });
});

describe('an idea that is withdrawn while it is rendered', () => {
  it('is never listed, and late mockups are ignored', async () => {
    const score = scoreOf();
    const { ideaId } = score;
    await app.emit('ideas.scored', score);
    const mockups = await app.event('mockups.requested', ideaId);
    const asked = await app.post(`/ideas/${ideaId}/withdraw`, { by: 'ada', reason: 'not ours' });
    expect(asked).toMatchObject({ status: 202, body: { state: 'withdrawing', pending: { step: 'withdrawal' } } });
    await app.emit('mockups.generated', mockupsOf(mockups));
    const { commandId, marketplace, sku, reason } = await app.event('listings.withdraw-requested', ideaId);
    expect(reason).toBe('not ours');
    await app.emit('listings.withdrawn', {
      ideaId,
      commandId,
      marketplace,
      sku,
      withdrawnAt: new Date().toISOString(),
    });
    const withdrawn = await app.inState(ideaId, 'withdrawn');
    expect(withdrawn.history.map(({ input, applied }) => [input, applied])).toEqual([
      ['ideas.scored', true],
      ['withdraw', true],
      ['mockups.generated', false],
      ['listings.withdrawn', true],
    ]);
    expect(await app.events('listings.requested', ideaId)).toEqual([]);
    expect(await app.deadlines(ideaId)).toBe(0);
  });
});

describe('answers that come twice, late or to nobody', () => {
  it('has no second effect when an event is delivered again', async () => {
    const score = scoreOf();
    const eventId = await app.emit('ideas.scored', score);
    await app.event('mockups.requested', score.ideaId);
    await app.redeliver(eventId);
    expect(await app.events('ideas.decided', score.ideaId)).toHaveLength(1);
    expect(await app.events('mockups.requested', score.ideaId)).toHaveLength(1);
    expect((await app.idea(score.ideaId)).history).toHaveLength(1);
  });

  it('records and ignores the answer to a command that was superseded', async () => {
    const score = scoreOf();
    const { ideaId } = score;
    await app.emit('ideas.scored', score);
    const mockups = await app.event('mockups.requested', ideaId);
    const stale = { ...mockupsOf(mockups), commandId: mockupsCommandId(ideaId, 7), attempt: 7 };
    await app.emit('mockups.generated', stale);
    const idea = await app.recorded(ideaId, 'mockups.generated');
    expect(idea.state).toBe('rendering');
    expect(idea.history.at(-1)).toMatchObject({ applied: false, note: 'superseded-command', from: 'rendering' });
    expect(await app.events('listings.requested', ideaId)).toEqual([]);
  });

  it('fails with the cause that the other service gives, and takes a listing that shows up all the same', async () => {
    const score = scoreOf();
    const { ideaId } = score;
    await app.emit('ideas.scored', score);
    await app.emit('mockups.generated', mockupsOf(await app.event('mockups.requested', ideaId)));
    const listing = await app.event('listings.requested', ideaId);
    const { commandId, marketplace, sku } = listing;
    const failedAt = new Date().toISOString();
    await app.emit('listings.failed', {
      ideaId,
      commandId,
      marketplace,
      sku,
      code: 'banned-word',
      message: 'no',
      failedAt,
    });
    expect(await app.inState(ideaId, 'failed')).toMatchObject({ cause: { code: 'banned-word', message: 'no' } });
    await app.emit('listings.published', listingOf(listing));
    expect(await app.inState(ideaId, 'listed')).toMatchObject({ cause: null });
  });

  it('records an event about an idea that nobody knows', async () => {
    const listing = { ...eventCatalog['listings.published'].example, ideaId: scoreOf().ideaId };
    const eventId = await app.emit('listings.published', listing);
    await app.redeliver(eventId);
    const rows = await app.db.kysely
      .selectFrom('transitions')
      .selectAll()
      .where('idea_id', '=', listing.ideaId)
      .execute();
    expect(rows).toMatchObject([{ from_state: 'new', to_state: 'new', note: 'not-asked-for', event_id: eventId }]);
  });
});
