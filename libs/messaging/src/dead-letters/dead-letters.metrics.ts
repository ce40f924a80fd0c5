import { gaugeDefinition } from '@signalpress/observability';

export const deadLettersOpen = gaugeDefinition({
  name: 'messaging_dead_letters',
  help: 'Events and jobs that could not be handled and wait for a person',
  labels: ['kind'] as const,
});
