import { z } from 'zod';
import { timestamp, uuid } from './common.js';
import { defineEvent } from './event.js';

/** What monitoring itself watches over; everything else is Alertmanager's. */
export const alertCondition = z.enum(['publish-latency', 'stuck-ideas', 'queue-backlog', 'listing-sync']);
export type AlertCondition = z.output<typeof alertCondition>;

/** As PagerDuty has them. */
export const alertSeverity = z.enum(['critical', 'error', 'warning', 'info']);
export type AlertSeverity = z.output<typeof alertSeverity>;

const incident = {
  incidentId: uuid,
  condition: alertCondition,
  severity: alertSeverity,
  /** One sentence with the numbers. */
  summary: z.string().min(1).max(1_024),
};

const example = {
  incidentId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1d01',
  condition: 'publish-latency' as const,
  severity: 'critical' as const,
  summary: 'Mean publish latency is 3.4 h over the last 24 h; 2 h are agreed on (17 ideas).',
};

export const alertsOpened = defineEvent({
  version: '1.0',
  description: 'A condition that monitoring watches over is broken, and an incident is open.',
  key: 'incidentId',
  schema: z.object({ ...incident, openedAt: timestamp }),
  example: { ...example, openedAt: '2026-05-04T12:00:00.000Z' },
});

export const alertsResolved = defineEvent({
  version: '1.0',
  description: 'The condition holds again, and the incident is over.',
  key: 'incidentId',
  schema: z.object({ ...incident, openedAt: timestamp, resolvedAt: timestamp }),
  example: { ...example, openedAt: '2026-05-04T12:00:00.000Z', resolvedAt: '2026-05-04T12:40:00.000Z' },
});
