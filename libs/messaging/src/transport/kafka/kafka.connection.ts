import { settledBefore } from '../../timing/backoff.js';
import { UnavailableError } from '../../messaging.errors.js';
import { openKafka } from './kafka.client.js';
import type { KafkaOptions } from './kafka.options.js';
import type {
  ConsumerEvents,
  ConsumerSettings,
  KafkaAdmin,
  KafkaClient,
  KafkaConsumer,
  KafkaProducer,
} from './kafka.seat.js';
import { ensureTopics } from './kafka.topics.js';

const ASK_MS = 8_000;
const CLOSE_MS = 2_000;

/** Where the client library's lines and the state of the topics go. */
export interface ConnectionLog {
  debug(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string): void;
}

/** One service's way to the cluster. Nobody gets a producer or a consumer before the topics exist. */
export class KafkaConnection {
  private client: KafkaClient | undefined;
  private asking: Promise<KafkaAdmin> | undefined;
  private prepared: Promise<void> | undefined;

  constructor(
    private readonly options: KafkaOptions,
    private readonly clientId: string,
    private readonly log: ConnectionLog,
  ) {}

  /** @returns one that is connected */
  async producer(): Promise<KafkaProducer> {
    // Anew each time: a topic that somebody has deleted is one reason to need another producer.
    this.prepared = undefined;
    await this.prepare();
    const producer = this.open().producer();
    try {
      await producer.connect();
    } catch (error) {
      void producer.close().catch(() => undefined);
      throw error;
    }
    return producer;
  }

  /** @returns one that is not started */
  async consumer(settings: ConsumerSettings, events: ConsumerEvents): Promise<KafkaConsumer> {
    await this.prepare();
    return this.open().consumer(settings, events);
  }

  /**
   * Asks the cluster something, within a bounded time.
   * @throws UnavailableError
   */
  async ask<T>(question: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
    this.asking ??= this.connectAdmin();
    const { asking } = this;
    const answer = asking.then(question);
    try {
      if (await settledBefore([answer], AbortSignal.timeout(ASK_MS))) return await answer;
      throw new UnavailableError(`Kafka at ${this.options.brokers.join(',')} has not answered within ${ASK_MS} ms`);
    } catch (error) {
      if (this.asking === asking) this.asking = undefined;
      void asking.then((admin) => admin.close()).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const { asking } = this;
    this.asking = undefined;
    if (asking === undefined) return;
    await settledBefore([asking.then((admin) => admin.close())], AbortSignal.timeout(CLOSE_MS));
  }

  /** The topics are looked at by the first who needs them, and when a producer is opened. */
  private prepare(): Promise<void> {
    const preparing = (this.prepared ??= this.ask((admin) => ensureTopics(admin, this.options)).then((reports) => {
      for (const { warning } of reports) if (warning !== undefined) this.log.warn(warning);
    }));
    return preparing.catch((error: unknown) => {
      if (this.prepared === preparing) this.prepared = undefined;
      throw error;
    });
  }

  private async connectAdmin(): Promise<KafkaAdmin> {
    const admin = this.open().admin();
    await admin.connect();
    return admin;
  }

  private open(): KafkaClient {
    this.client ??= openKafka(this.options, this.clientId, (message, fields) => this.log.debug(message, fields));
    return this.client;
  }
}
