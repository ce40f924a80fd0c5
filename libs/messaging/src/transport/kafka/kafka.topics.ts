import { declaredTopics } from './kafka.names.js';
import type { DeclaredTopic } from './kafka.names.js';
import type { KafkaOptions } from './kafka.options.js';
import type { KafkaAdmin, TopicState } from './kafka.seat.js';

/** A declared topic beside what the cluster has. */
export interface TopicReport {
  readonly declared: DeclaredTopic;
  readonly found: TopicState;
  readonly created: boolean;
  /** What is less than declared, in a sentence; undefined when all is well. */
  readonly warning?: string;
}

/** Creates the topics that are missing, whoever comes first, and compares the others with what is declared. */
export async function ensureTopics(admin: KafkaAdmin, options: KafkaOptions): Promise<TopicReport[]> {
  const declared = declaredTopics(options);
  const names = declared.map(({ topic }) => topic);
  const before = byName(await admin.topics(names));
  const missing = declared.filter(({ topic }) => !before.has(topic));
  if (missing.length > 0) await admin.create(missing);
  return declared.map((topic) => {
    const found = before.get(topic.topic);
    // One that another service creates at this moment is as declared, as this one is.
    if (found === undefined) return { declared: topic, found: topic, created: true };
    const warning = warningOf(topic, found);
    return { declared: topic, found, created: false, ...(warning === undefined ? {} : { warning }) };
  });
}

function byName(states: readonly TopicState[]): Map<string, TopicState> {
  return new Map(states.map((state) => [state.topic, state]));
}

function warningOf(declared: DeclaredTopic, found: TopicState): string | undefined {
  const less = [
    ...(found.partitions < declared.partitions ? [`${found.partitions} of ${declared.partitions} partitions`] : []),
    ...(found.replicationFactor < declared.replicationFactor
      ? [`${found.replicationFactor} of ${declared.replicationFactor} replicas`]
      : []),
  ];
  return less.length === 0 ? undefined : `topic ${declared.topic} has only ${less.join(' and ')}`;
}
