import type { EventType } from './catalog.js';

/** How a topic of the broker is kept. */
export interface TopicDeclaration {
  /** Order is kept per key, and so within a partition. Absent: as many as the installation sets (`KAFKA_PARTITIONS`). */
  readonly partitions?: number;
  readonly retentionMs: number;
  readonly cleanupPolicy: 'delete' | 'compact';
}

const DAY_MS = 86_400_000;

/** The inbox remembers events for 14 days, so nothing may be delivered again later than that. */
const busy: TopicDeclaration = { retentionMs: 7 * DAY_MS, cleanupPolicy: 'delete' };
/** A few a day: one partition keeps them in one order. */
const rare: TopicDeclaration = { ...busy, partitions: 1 };

/** Every topic, by event type; `dead-letters` is fed from the services' tables for those who want to subscribe. */
export const eventTopics: Readonly<Record<EventType | 'dead-letters', TopicDeclaration>> = {
  'signals.ingested': busy,
  'ideas.scored': busy,
  'ideas.decided': busy,
  'mockups.requested': busy,
  'mockups.generated': busy,
  'mockups.failed': busy,
  'listings.requested': busy,
  'listings.published': busy,
  'listings.failed': busy,
  'listings.withdraw-requested': busy,
  'listings.withdrawn': busy,
  'listings.observed': busy,
  'listings.drifted': busy,
  'feedback.received': busy,
  'weights.updated': rare,
  'alerts.opened': rare,
  'alerts.resolved': rare,
  'dead-letters': { partitions: 1, retentionMs: 30 * DAY_MS, cleanupPolicy: 'delete' },
};
