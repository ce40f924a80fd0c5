import { counterDefinition } from '@signalpress/observability';

export const upstreamFailures = counterDefinition({
  name: 'signalpress_gateway_upstream_failures_total',
  help: 'Requests that a service behind the gateway gave no answer to, by service and reason.',
  labels: ['upstream', 'reason'] as const,
});
