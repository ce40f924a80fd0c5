import { counterDefinition, gaugeDefinition } from '@signalpress/observability';

export const observationsTotal = counterDefinition({
  name: 'signalpress_observations_total',
  help: 'Observations of listings by what they meant: totals changed, nothing changed, or a newer one was known.',
  labels: ['result'] as const,
});

export const ideaTotals = gaugeDefinition({
  name: 'signalpress_performance',
  help: 'Views, favourites and sales over all ideas, by the newest observations.',
  labels: ['count'] as const,
});
