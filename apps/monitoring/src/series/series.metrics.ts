import { gaugeDefinition } from '@signalpress/observability';

export const sampledServiceUp = gaugeDefinition({
  name: 'signalpress_sampled_service_up',
  help: 'Whether the newest sample of the /metrics of a service worked (1) or not (0).',
  labels: ['target'] as const,
});
