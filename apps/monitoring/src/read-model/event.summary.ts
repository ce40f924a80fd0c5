import type { EventData } from '@signalpress/contracts';
import type { TimelineType } from './timeline-types.js';

/** An event as a timeline shows it. */
export interface EventSummary {
  /** When it happened, by the event's own account. */
  readonly at: string;
  readonly detail: string | null;
  /** From here on the idea waits for a person or for budget. */
  readonly held?: boolean;
}

type Summaries = { readonly [T in TimelineType]: (data: EventData<T>) => EventSummary };

const summaries: Summaries = {
  'signals.ingested': ({ capturedAt, source }) => ({ at: capturedAt, detail: source }),
  'ideas.scored': ({ asOf, score, revision }) => ({
    at: asOf,
    detail: `score ${score.toFixed(3)}, revision ${revision}`,
  }),
  'ideas.decided': ({ decidedAt, decision, rule, decidedBy }) => ({
    at: decidedAt,
    detail: `${decision} (${rule}) by ${decidedBy}`,
    held: decision === 'held' || decision === 'deferred',
  }),
  'mockups.requested': ({ requestedAt, attempt }) => ({ at: requestedAt, detail: `attempt ${attempt}` }),
  'mockups.generated': ({ generatedAt, attempt, previews }) => ({
    at: generatedAt,
    detail: `attempt ${attempt}, ${previews.length} previews`,
  }),
  'mockups.failed': ({ failedAt, code, attempt }) => ({ at: failedAt, detail: `${code}, attempt ${attempt}` }),
  'listings.requested': ({ requestedAt, marketplace }) => ({ at: requestedAt, detail: marketplace }),
  'listings.published': ({ publishedAt, url }) => ({ at: publishedAt, detail: url }),
  'listings.failed': ({ failedAt, code, marketplace }) => ({ at: failedAt, detail: `${code} on ${marketplace}` }),
  'listings.withdraw-requested': ({ requestedAt, reason }) => ({ at: requestedAt, detail: reason }),
  'listings.withdrawn': ({ withdrawnAt, marketplace }) => ({ at: withdrawnAt, detail: marketplace }),
  'listings.observed': ({ observedAt, views, favourites, sales }) => ({
    at: observedAt,
    detail: `${views} views, ${favourites} favourites, ${sales} sales`,
  }),
  'listings.drifted': ({ observedAt, marketplace, drifts }) => ({
    at: observedAt,
    detail: `${drifts.length === 0 ? 'as published' : drifts.map(({ kind }) => kind).join(', ')} on ${marketplace}`,
  }),
  'feedback.received': ({ observedAt, views, favourites, sales }) => ({
    at: observedAt,
    detail: `${views} views, ${favourites} favourites, ${sales} sales in all`,
  }),
};

/** Time and one line about an event of an idea or of a signal. */
export function summarise<T extends TimelineType>(type: T, data: EventData<T>): EventSummary {
  const summary: Summaries[T] = summaries[type];
  return summary(data);
}
