import type { Insertable } from '@signalpress/persistence';
import type { IdeaRow } from '../read-model/read-model.tables.js';
import type { SeriesTables } from './series.tables.js';

/** What an idea contributes to the series that are computed from all that is known of it. */
export interface IdeaSeries {
  readonly latency: Omit<SeriesTables['publish_latency'], 'source'> | null;
  readonly stages: Insertable<SeriesTables['stage_durations']>[];
}

/** Depends on the idea's row alone, so it is the same for any order of the events that made the row. */
export function seriesOf(idea: IdeaRow, thresholdSeconds: number): IdeaSeries {
  return { latency: latencyOf(idea, thresholdSeconds), stages: stagesOf(idea) };
}

function latencyOf(idea: IdeaRow, thresholdSeconds: number): IdeaSeries['latency'] {
  const { published_at: time, publish_latency_ms: latencyMs, first_marketplace: marketplace } = idea;
  if (time === null || latencyMs === null || marketplace === null) return null;
  const seconds = latencyMs / 1_000;
  return {
    time,
    idea_id: idea.idea_id,
    marketplace,
    latency_seconds: seconds,
    held_seconds: idea.held_seconds ?? 0,
    within_sla: seconds <= thresholdSeconds,
  };
}

/** A stage counts at its end. How long an idea was held is known with its listing, and so is what deciding took. */
function stagesOf(idea: IdeaRow): IdeaSeries['stages'] {
  const held = idea.held_seconds;
  const stages = [
    stage('ingest-to-score', idea.founding_captured_at, idea.scored_at),
    ...(held === null ? [] : [stage('score-to-decide', idea.scored_at, idea.approved_at, held)]),
    stage('decide-to-mockup', idea.approved_at, idea.mockups_at),
    stage('mockup-to-list', idea.mockups_at, idea.published_at),
    held !== null && held > 0 && idea.approved_at !== null
      ? { time: idea.approved_at, stage: 'held', seconds: held }
      : null,
  ];
  return stages.flatMap((row) => (row === null ? [] : [{ idea_id: idea.idea_id, ...row }]));
}

function stage(name: string, from: Date | null, until: Date | null, withoutSeconds = 0) {
  if (from === null || until === null) return null;
  const seconds = (until.getTime() - from.getTime()) / 1_000 - withoutSeconds;
  // Clocks of two hosts may differ by more than a short stage takes.
  return { time: until, stage: name, seconds: Math.max(0, seconds) };
}
