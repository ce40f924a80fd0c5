import { eventTopics } from '@signalpress/contracts';
import type { KafkaOptions } from './kafka.options.js';

/** A topic as it is to be. */
export interface DeclaredTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly retentionMs: number;
  readonly cleanupPolicy: 'delete' | 'compact';
}

export const topicOf = (options: KafkaOptions, type: string): string => options.topicPrefix + type;
export const typeOf = (options: KafkaOptions, topic: string): string => topic.slice(options.topicPrefix.length);
export const groupOf = (options: KafkaOptions, group: string): string => options.topicPrefix + group;

/** Every topic of an installation: one for each type of the catalogue, and the one of dead letters. */
export function declaredTopics(options: KafkaOptions): DeclaredTopic[] {
  return Object.entries(eventTopics).map(([type, { partitions, retentionMs, cleanupPolicy }]) => ({
    topic: topicOf(options, type),
    partitions: partitions ?? options.partitions,
    replicationFactor: options.replicationFactor,
    retentionMs,
    cleanupPolicy,
  }));
}
