import type { EventType, ServiceName } from '@signalpress/contracts';

/** The schema in which each service keeps its outbox, inbox and jobs. */
export const schemas = {
  'signal-ingestion': 'signal_ingestion',
  'scoring-engine': 'scoring',
  orchestrator: 'orchestrator',
  'mockup-generation': 'mockups',
  'marketplace-publisher': 'publisher',
  'feedback-loop': 'feedback',
  monitoring: 'monitoring',
} as const satisfies Partial<Record<ServiceName, string>>;

export type EventService = keyof typeof schemas;
export const eventServices = Object.keys(schemas) as EventService[];

/** What tells about dead letters leaves through the outboxes like an event, and no group of ours subscribes to it. */
export const deadLettersTopic = 'dead-letters';

/**
 * Which groups handle which events. Kept by hand and apart from the services, so that one that forgets to subscribe is found
 * out; where the transport keeps a table of subscriptions, the drill compares.
 */
export const subscribers: Readonly<Record<EventType, readonly EventService[]>> = {
  'signals.ingested': ['scoring-engine', 'monitoring'],
  'ideas.scored': ['orchestrator', 'feedback-loop', 'monitoring'],
  'ideas.decided': ['scoring-engine', 'monitoring'],
  'mockups.requested': ['mockup-generation', 'monitoring'],
  'mockups.generated': ['orchestrator', 'monitoring'],
  'mockups.failed': ['orchestrator', 'monitoring'],
  'listings.requested': ['marketplace-publisher', 'monitoring'],
  'listings.published': ['orchestrator', 'feedback-loop', 'monitoring'],
  'listings.failed': ['orchestrator', 'monitoring'],
  'listings.withdraw-requested': ['marketplace-publisher', 'monitoring'],
  'listings.withdrawn': ['orchestrator', 'feedback-loop', 'monitoring'],
  'listings.observed': ['feedback-loop', 'monitoring'],
  'listings.drifted': ['monitoring'],
  'feedback.received': ['scoring-engine', 'monitoring'],
  'weights.updated': ['scoring-engine', 'monitoring'],
  'alerts.opened': ['monitoring'],
  'alerts.resolved': ['monitoring'],
};
