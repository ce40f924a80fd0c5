import { counterDefinition, gaugeDefinition } from '@signalpress/observability';

export const incidentsByState = gaugeDefinition({
  name: 'signalpress_incidents',
  help: 'Incidents that are open, acknowledged, or resolved and still kept, by condition.',
  labels: ['condition', 'state'] as const,
});

export const incidentNotifications = counterDefinition({
  name: 'signalpress_incident_notifications_total',
  help: 'Deliveries to PagerDuty by outcome: delivered, retried, rejected, expired, skipped.',
  labels: ['outcome'] as const,
});

export const checkRuns = counterDefinition({
  name: 'signalpress_check_runs_total',
  help: 'Checks by condition and what they found: broken, holds, or failed (the check could not look).',
  labels: ['condition', 'outcome'] as const,
});
