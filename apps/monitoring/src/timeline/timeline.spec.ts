import { describe, expect, it } from '@jest/globals';
import { unknownIdea } from '../read-model/idea.fold.js';
import type { IdeaEventRow, IdeaRow } from '../read-model/read-model.tables.js';
import { timelineOf } from './timeline.js';

const ideaId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01';
const signalId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01';
const at = (second: number): Date => new Date(Date.UTC(2026, 4, 4, 10, 0, second));
const idea: IdeaRow = {
  ...unknownIdea(ideaId, at(0)),
  founding_signal_id: signalId,
  founding_captured_at: at(0),
  publish_latency_ms: 4_000,
};
const event = (type: string, second: number, more: Partial<IdeaEventRow> = {}): IdeaEventRow => ({
  event_id: `${type}-${second}`,
  type,
  service: 'orchestrator',
  idea_id: ideaId,
  signal_id: null,
  at: at(second),
  detail: null,
  held: false,
  trace_id: 'a'.repeat(32),
  ...more,
});

const founding = event('signals.ingested', 0, { idea_id: null, signal_id: signalId });
const scored = event('ideas.scored', 2);
const held = event('ideas.decided', 2, { held: true });
const approved = event('ideas.decided', 8, { trace_id: 'b'.repeat(32) });
const requested = event('mockups.requested', 8, { trace_id: 'b'.repeat(32) });

describe('timelineOf', () => {
  it('begins with the founding signal and keeps the order of the pipeline where times are equal', () => {
    const { steps } = timelineOf(idea, [requested, approved, held, scored, founding], 10);
    expect(steps.map(({ type, sincePreviousMs }) => [type, sincePreviousMs])).toEqual([
      ['signals.ingested', 0],
      ['ideas.scored', 2_000],
      ['ideas.decided', 0],
      ['ideas.decided', 6_000],
      ['mockups.requested', 0],
    ]);
    expect(steps.at(-1)?.sinceStartMs).toBe(8_000);
  });

  it('marks the time held, up to the decision that ends it', () => {
    const { steps } = timelineOf(idea, [founding, scored, held, approved, requested], 10);
    expect(steps.map((step) => step.held)).toEqual([false, false, true, false, false]);
  });

  it('puts the founding signal first even when another clock is behind', () => {
    const { steps } = timelineOf(idea, [event('ideas.scored', -1), founding], 10);
    expect(steps[0]).toMatchObject({ type: 'signals.ingested' });
    expect(steps[1]).toMatchObject({ sincePreviousMs: 0, sinceStartMs: 0 });
  });

  it('lists each trace once and says when there is more', () => {
    const { traceIds, truncated, steps } = timelineOf(idea, [founding, scored, approved, requested], 3);
    expect(traceIds).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
    expect(steps).toHaveLength(3);
    expect(truncated).toBe(true);
  });
});
