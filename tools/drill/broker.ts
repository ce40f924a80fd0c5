import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startKafka } from '@signalpress/testing/kafka';
import type { Kafka } from '@signalpress/testing/kafka';
import { Kafka as Client, logLevel } from 'kafkajs';
import { LaunchError } from '../launcher/failure.ts';
import { subscribers } from './subscriptions.ts';

const readWithinMs = 60_000;

/** A real Kafka of one broker or three for the services of a drill. */
export class Broker {
  readonly kafka: Kafka;

  private constructor(kafka: Kafka) {
    this.kafka = kafka;
  }

  static async start(brokers: 1 | 3): Promise<Broker> {
    return new Broker(await startKafka({ brokers }));
  }

  /** What services need to know to use it. */
  get environment(): Record<string, string> {
    return {
      EVENT_TRANSPORT: 'kafka',
      KAFKA_BROKERS: this.kafka.bootstrap,
      KAFKA_REPLICATION_FACTOR: String(this.kafka.brokers.length),
    };
  }

  /** The whole of it goes away. */
  async down(): Promise<void> {
    await Promise.all(this.kafka.brokers.map((_, index) => this.kafka.stopBroker(index, 'SIGKILL')));
  }

  async up(): Promise<void> {
    await Promise.all(this.kafka.brokers.map((_, index) => this.kafka.startBroker(index)));
  }

  /** The id of every event that stands in a topic, as often as it does, read by a client that knows nothing of ours. */
  async carried(): Promise<string[]> {
    const client = new Client({
      brokers: this.kafka.bootstrap.split(','),
      clientId: 'drill',
      logLevel: logLevel.NOTHING,
    });
    const admin = client.admin();
    const consumer = client.consumer({ groupId: `drill-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await Promise.all([admin.connect(), consumer.connect()]);
    try {
      const topics = (await admin.listTopics()).filter((topic) => Object.hasOwn(subscribers, topic));
      const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
      const wanted = ends.flat().reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
      const ids: string[] = [];
      if (wanted === 0) return ids;
      await consumer.subscribe({ topics, fromBeginning: true });
      await consumer.run({
        eachMessage: ({ message }) => {
          ids.push(String(message.headers?.['ce_id']));
          return Promise.resolve();
        },
      });
      const deadline = performance.now() + readWithinMs;
      while (ids.length < wanted) {
        if (performance.now() > deadline) throw new LaunchError(`${ids.length} of ${wanted} records could be read`);
        await sleep(100);
      }
      return ids;
    } finally {
      await Promise.all([consumer.disconnect(), admin.disconnect()]);
    }
  }

  stop(): Promise<void> {
    return this.kafka.stop();
  }
}
