import { buckets, counterDefinition, gaugeDefinition, histogramDefinition } from '@signalpress/observability';

export const neighbourCalls = counterDefinition({
  name: 'neighbour_calls_total',
  help: 'Calls to the storefront and to mockup-generation, by outcome (answered, rate-limited, failed, unanswered, circuit-open)',
  labels: ['upstream', 'outcome'] as const,
});

export const neighbourCircuitOpen = gaugeDefinition({
  name: 'neighbour_circuit_open',
  help: '1 while a neighbour is left alone because five calls in a row failed, else 0',
  labels: ['upstream'] as const,
});

export const budgetWaitSeconds = histogramDefinition({
  name: 'marketplace_budget_wait_seconds',
  help: 'How long calls waited for their turn in the request budget of the marketplace (seconds)',
  labels: ['marketplace'] as const,
  buckets: buckets.externalCall,
});
