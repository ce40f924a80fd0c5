import { plural, spoken, summaryOf } from './verdict.js';
import type { CheckResult, Verdict } from './verdict.js';

/** What one consumer group has still to read of one topic. */
export interface QueueFigures {
  readonly topic: string;
  readonly group: string;
  /** Events that wait, as of the newest sample. */
  readonly length: number;
  /** For how long every sample was above the limit. */
  readonly aboveSeconds: number;
  readonly oldestAgeSeconds: number | null;
}

export interface BacklogLimit {
  readonly events: number;
  readonly seconds: number;
}

/** Topics that a summary names. */
const NAMED = 3;

/** One verdict for each consumer group: a group that stands still is one trouble, however many topics it reads. */
export function checkQueueBacklog(queues: readonly QueueFigures[], limit: BacklogLimit): CheckResult {
  const groups = new Set(queues.map(({ group }) => group));
  return {
    condition: 'queue-backlog',
    verdicts: [...groups].map((name) =>
      verdictOf(
        name,
        queues.filter(({ group }) => group === name),
        limit,
      ),
    ),
    otherwise: `At most ${limit.events} events wait.`,
  };
}

function verdictOf(group: string, queues: readonly QueueFigures[], limit: BacklogLimit): Verdict {
  const above = queues
    .filter(({ length, aboveSeconds }) => length > limit.events && aboveSeconds >= limit.seconds)
    .toSorted((a, b) => b.length - a.length);
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  const ages = above.map(({ oldestAgeSeconds }) => oldestAgeSeconds ?? 0);
  const named = above.slice(0, NAMED).map(({ topic, length }) => `${length} of ${topic}`);
  const more = above.length > NAMED ? ` and ${plural(above.length - NAMED, 'further topic', 'further topics')}` : '';
  const summary =
    above.length === 0
      ? `${group} has at most ${plural(longest, 'event', 'events')} of a topic to read; ${limit.events} are allowed for ${spoken(limit.seconds)}.`
      : `${group} has been behind for ${spoken(Math.min(...above.map(({ aboveSeconds }) => aboveSeconds)))}: ${named.join(', ')}${more} wait; ` +
        `${limit.events} are allowed for ${spoken(limit.seconds)}.`;
  return {
    subject: group,
    broken: above.length > 0,
    severity: 'error',
    summary: summaryOf(summary),
    figures: {
      consumer_group: group,
      longest_queue: longest,
      limit_events: limit.events,
      limit_seconds: limit.seconds,
      oldest_seconds: Math.round(Math.max(0, ...ages)),
      topics: above.map(({ topic }) => topic),
    },
  };
}
