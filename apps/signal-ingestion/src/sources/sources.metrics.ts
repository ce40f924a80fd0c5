import { counterDefinition, gaugeDefinition } from '@signalpress/observability';

export const pollsTotal = counterDefinition({
  name: 'source_polls_total',
  help: 'Polls of sources, by outcome (ingested, unchanged, or the code of the problem).',
  labels: ['outcome'] as const,
});

export const failingSources = gaugeDefinition({
  name: 'sources_failing',
  help: 'Sources whose last poll failed.',
});
