import { counterDefinition } from '@signalpress/observability';

export const shopActions = counterDefinition({
  name: 'storefront_actions_total',
  help: 'What visitors of the storefront did: view, favourite, buy',
  labels: ['action'] as const,
});
