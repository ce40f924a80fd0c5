import { buckets, counterDefinition, gaugeDefinition, histogramDefinition } from '@signalpress/observability';

export const messagesTotal = counterDefinition({
  name: 'messaging_messages_total',
  help: 'Events by topic and what became of them: published, handled, duplicate, retried, unavailable, dead-lettered, fenced',
  labels: ['topic', 'outcome'] as const,
});

export const handlerSeconds = histogramDefinition({
  name: 'messaging_handler_duration_seconds',
  help: 'Time of one attempt to handle an event, its transaction included (seconds)',
  labels: ['topic'] as const,
  buckets: buckets.messageHandler,
});

export const deliverySeconds = histogramDefinition({
  name: 'messaging_delivery_seconds',
  help: "From the producer's outbox to the handler (seconds)",
  labels: ['topic'] as const,
  buckets: buckets.messageDelivery,
});

export const consumerLag = gaugeDefinition({
  name: 'messaging_consumer_lag',
  help: 'Events that the group has yet to look at, by partition; topic is "all" where a partition holds every topic',
  labels: ['topic', 'partition'] as const,
});
