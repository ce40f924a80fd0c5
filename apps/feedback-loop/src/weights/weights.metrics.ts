import { counterDefinition } from '@signalpress/observability';

export const weightLearnings = counterDefinition({
  name: 'signalpress_weight_learnings_total',
  help: 'Looks at performance for a step of the weights, by outcome (step, no-step, too-soon, nothing-new, too-few-samples).',
  labels: ['outcome'] as const,
});
