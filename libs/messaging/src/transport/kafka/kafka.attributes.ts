import type { Attributes } from '@opentelemetry/api';
import { semconv } from '@signalpress/observability';

/** What spans of producers and consumers say about the broker. */
export const systemAttributes: Attributes = { [semconv.attributeNames.messagingSystem]: 'kafka' };

export function kafkaAttributes(partition: number, offset: bigint): Attributes {
  return {
    ...systemAttributes,
    [semconv.attributeNames.messagingDestinationPartitionId]: String(partition),
    [semconv.attributeNames.messagingKafkaOffset]: Number(offset),
  };
}
