import { gaugeDefinition } from '@signalpress/observability';

export const outboxOldestAge = gaugeDefinition({
  name: 'messaging_outbox_oldest_age_seconds',
  help: 'Age of the oldest event that the transport has not taken yet (seconds); 0 when there is none',
});

export const outboxWaiting = gaugeDefinition({
  name: 'messaging_outbox_waiting',
  help: 'Events that the transport has not taken yet',
});
