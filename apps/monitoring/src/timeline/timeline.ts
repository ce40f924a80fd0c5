import { eventTypes } from '@signalpress/contracts';
import type { IdeaEventRow, IdeaRow } from '../read-model/read-model.tables.js';

/** One thing that happened to an idea. */
export interface TimelineStep {
  readonly at: string;
  /** Milliseconds since the step before; 0 for the first. */
  readonly sincePreviousMs: number;
  /** Milliseconds since the founding signal was captured. */
  readonly sinceStartMs: number;
  readonly type: string;
  readonly service: string;
  readonly detail: string | null;
  readonly traceId: string | null;
  /** True while the idea waits for a person or for budget: the time until the next step is not counted in its latency. */
  readonly held: boolean;
}

/** What happened to an idea, in order, with the time between. */
export interface Timeline {
  readonly ideaId: string;
  readonly phrase: string | null;
  readonly outcome: string;
  readonly detail: string | null;
  readonly foundingCapturedAt: string | null;
  readonly publishedAt: string | null;
  /** Seconds that do not count in the publish latency; null before the first listing. */
  readonly heldSeconds: number | null;
  readonly publishLatencyMs: number | null;
  /** The traces that the steps belong to, in order of appearance. */
  readonly traceIds: string[];
  readonly steps: TimelineStep[];
  /** True when there are more steps than are shown. */
  readonly truncated: boolean;
}

/** Where events of a type belong when their times are equal. */
const rank = new Map<string, number>(eventTypes.map((type, index) => [type, index]));

/** Puts an idea's events in order: the founding signal first, then by their own time. */
export function timelineOf(idea: IdeaRow, events: readonly IdeaEventRow[], limit: number): Timeline {
  const ordered = [...events].sort((a, b) => compare(a, b, idea.founding_signal_id));
  const shown = ordered.slice(0, limit);
  const start = idea.founding_captured_at ?? shown[0]?.at ?? null;
  return {
    ideaId: idea.idea_id,
    phrase: idea.phrase,
    outcome: idea.outcome,
    detail: idea.outcome_detail,
    foundingCapturedAt: idea.founding_captured_at?.toISOString() ?? null,
    publishedAt: idea.published_at?.toISOString() ?? null,
    heldSeconds: idea.held_seconds,
    publishLatencyMs: idea.publish_latency_ms,
    traceIds: [...new Set(shown.flatMap(({ trace_id: traceId }) => traceId ?? []))],
    steps: stepsOf(shown, start),
    truncated: ordered.length > shown.length,
  };
}

function stepsOf(events: readonly IdeaEventRow[], start: Date | null): TimelineStep[] {
  let held = false;
  return events.map((event, index) => {
    if (event.type === 'ideas.decided') held = event.held;
    const previous = events[index - 1]?.at ?? event.at;
    return {
      at: event.at.toISOString(),
      sincePreviousMs: Math.max(0, event.at.getTime() - previous.getTime()),
      sinceStartMs: Math.max(0, event.at.getTime() - (start ?? event.at).getTime()),
      type: event.type,
      service: event.service,
      detail: event.detail,
      traceId: event.trace_id,
      held,
    };
  });
}

function compare(a: IdeaEventRow, b: IdeaEventRow, foundingSignalId: string | null): number {
  const founding = (event: IdeaEventRow): number =>
    foundingSignalId !== null && event.signal_id === foundingSignalId ? 0 : 1;
  return (
    founding(a) - founding(b) ||
    a.at.getTime() - b.at.getTime() ||
    (rank.get(a.type) ?? 0) - (rank.get(b.type) ?? 0) ||
    (a.event_id < b.event_id ? -1 : 1)
  );
}
