import { counterDefinition } from '@signalpress/observability';

export const signalsGrouped = counterDefinition({
  name: 'scoring_signals_grouped_total',
  help: 'Signals by what they did: opened an idea, joined an open one, or opened one that repeats a decided idea.',
  labels: ['result'] as const,
});
