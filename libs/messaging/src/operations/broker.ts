import { KafkaConnection } from '../transport/kafka/kafka.connection.js';
import type { KafkaOptions } from '../transport/kafka/kafka.options.js';
import { ensureTopics } from '../transport/kafka/kafka.topics.js';
import type { TopicReport } from '../transport/kafka/kafka.topics.js';

/**
 * Creates the topics that are missing, and tells how each compares with what is declared.
 * @throws UnavailableError when the broker does not answer
 */
export async function prepareTopics(options: KafkaOptions): Promise<TopicReport[]> {
  const silent = { debug: () => undefined, warn: () => undefined };
  const connection = new KafkaConnection(options, 'signalpress-operations', silent);
  try {
    return await connection.ask((admin) => ensureTopics(admin, options));
  } finally {
    await connection.close();
  }
}
