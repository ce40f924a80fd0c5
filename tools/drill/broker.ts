import { startKafka } from '@signalpress/testing/kafka';
import type { Kafka } from '@signalpress/testing/kafka';

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

  stop(): Promise<void> {
    return this.kafka.stop();
  }
}
