import { counterDefinition, gaugeDefinition, histogramDefinition } from '@signalpress/observability';

export const messagesTotal = counterDefinition({
  name: 'messaging_messages_total',
  help: 'Events by topic and what became of them: published, handled, duplicate, retried, unavailable, dead-lettered, fenced',
  labels: ['topic', 'outcome'] as const,
});

export const handlerSeconds = histogramDefinition({
  name: 'messaging_handler_duration_seconds',
  help: 'Time of one attempt to handle an event, its transaction included (seconds)',
  labels: ['topic'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
});

export const deliverySeconds = histogramDefinition({
  name: 'messaging_delivery_seconds',
  help: "From the producer's outbox to the handler (seconds)",
  labels: ['topic'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600],
});

export const consumerLag = gaugeDefinition({
  name: 'messaging_consumer_lag',
  help: 'Events that the group has yet to look at, by partition',
  labels: ['partition'] as const,
});
