import type { z } from 'zod';
import { alertsOpened, alertsResolved } from './alerts.js';
import { feedbackReceived } from './feedback.js';
import { ideasDecided, ideasScored } from './ideas.js';
import {
  listingsDrifted,
  listingsFailed,
  listingsObserved,
  listingsPublished,
  listingsRequested,
  listingsWithdrawn,
  listingsWithdrawRequested,
} from './listings.js';
import { mockupsFailed, mockupsGenerated, mockupsRequested } from './mockups.js';
import { signalsIngested } from './signals.js';
import { weightsUpdated } from './weights.js';

/** Every event that crosses a process boundary, by its type. The type is also the topic. */
export const eventCatalog = {
  'signals.ingested': signalsIngested,
  'ideas.scored': ideasScored,
  'ideas.decided': ideasDecided,
  'mockups.requested': mockupsRequested,
  'mockups.generated': mockupsGenerated,
  'mockups.failed': mockupsFailed,
  'listings.requested': listingsRequested,
  'listings.published': listingsPublished,
  'listings.failed': listingsFailed,
  'listings.withdraw-requested': listingsWithdrawRequested,
  'listings.withdrawn': listingsWithdrawn,
  'listings.observed': listingsObserved,
  'listings.drifted': listingsDrifted,
  'feedback.received': feedbackReceived,
  'weights.updated': weightsUpdated,
  'alerts.opened': alertsOpened,
  'alerts.resolved': alertsResolved,
} as const;

export type EventType = keyof typeof eventCatalog;
/** The data of an event as a consumer sees it: checked, defaults filled in. */
export type EventData<T extends EventType> = z.output<(typeof eventCatalog)[T]['schema']>;
/** The data of an event as a producer gives it. */
export type EventInput<T extends EventType> = z.input<(typeof eventCatalog)[T]['schema']>;

export const eventTypes = Object.keys(eventCatalog) as EventType[];
