import type { EventType } from '@signalpress/contracts';

/** Events about no idea and no signal; no timeline shows them. */
export type PlatformType = 'weights.updated' | 'alerts.opened' | 'alerts.resolved';

/** Events that belong into the timeline of an idea, or of a signal that becomes one. */
export type TimelineType = Exclude<EventType, PlatformType>;
