import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { foreignTrace } from '@signalpress/messaging/testing';
import { collectSpans, waitFor } from '@signalpress/testing';
import { finding, scoreOf, startOrchestrator } from './orchestrator-app.js';
import type { OrchestratorApp } from './orchestrator-app.js';

let app: OrchestratorApp;
let spans: ReturnType<typeof collectSpans>;

beforeAll(async () => {
  spans = collectSpans();
  app = await startOrchestrator();
});
afterAll(async () => {
  await app.close();
  await spans.shutdown();
});

describe('traces', () => {
  it('an idea is followed in the trace that it came with, and found by its identifier', async () => {
    const score = scoreOf();
    const trace = foreignTrace();
    await app.emit('ideas.scored', score, trace);
    await app.event('mockups.requested', score.ideaId);
    const [decided] = await app.events('ideas.decided', score.ideaId);
    expect(decided?.traceparent).toContain(trace.traceId);
    const handled = await waitFor(() =>
      spans.spans().find(({ attributes }) => attributes['signalpress.idea.id'] === score.ideaId),
    );
    expect(handled).toMatchObject({ name: 'WorkflowService.handle', traceId: trace.traceId });
  });

  it('a decision by hand goes on in the trace of the request, linked to the trace that the idea came with', async () => {
    const score = scoreOf({ safety: [finding] });
    const trace = foreignTrace();
    await app.emit('ideas.scored', score, trace);
    await app.inState(score.ideaId, 'held');
    await app.post(`/ideas/${score.ideaId}/approve`, { by: 'ada', reason: 'good' });
    await app.event('mockups.requested', score.ideaId);
    const [command] = await app.events('mockups.requested', score.ideaId);
    const approval = spans.spans().find(({ name }) => name === 'ideas.approve');
    expect(approval?.attributes['signalpress.idea.id']).toBe(score.ideaId);
    expect(approval?.links.map(({ traceId }) => traceId)).toEqual([trace.traceId]);
    expect(approval?.traceId).not.toBe(trace.traceId);
    expect(command?.traceparent).toContain(approval?.traceId);
    const { history } = await app.idea(score.ideaId);
    expect(history.map(({ traceId }) => traceId)).toEqual([trace.traceId, approval?.traceId]);
  });
});
