import { normalizeError } from '@signalpress/observability';
import { UnavailableError } from '../../messaging.errors.js';
import { settledBefore } from '../../timing/backoff.js';
import { Loop } from '../../timing/loop.js';
import type { OutgoingEvent } from '../transport.js';
import { toMessage } from './kafka.message.js';
import type { KafkaMessage } from './kafka.message.js';
import type { KafkaProducer, TopicBatch } from './kafka.seat.js';

/** How often a broker that is away is called. */
const RECONNECT_MS = 1_000;
/** The caller holds a transaction open meanwhile. */
const SEND_MS = 12_000;
const CLOSE_MS = 2_000;
/** A broker takes a batch of a partition up to 1 MiB, and all of ours may be of one partition. */
const MOST_BYTES = 900_000;
const OVERHEAD_BYTES = 200;

/** The producer of a service, opened anew after every failure. */
export class KafkaSender {
  private producer: KafkaProducer | undefined;
  private reason = 'no connection yet';
  private readonly connecting: Loop;

  /** @param open answers a producer that is connected to a cluster whose topics exist */
  constructor(
    private readonly open: () => Promise<KafkaProducer>,
    private readonly topicOf: (type: string) => string,
    onFault: (name: string, error: unknown) => void,
  ) {
    this.connecting = new Loop({ name: 'kafka producer', everyMs: RECONNECT_MS, pass: () => this.connect(), onFault });
  }

  start(): void {
    this.connecting.start();
  }

  /** Why nothing can be sent now; undefined when all is well. */
  get away(): string | undefined {
    return this.producer === undefined ? this.reason : undefined;
  }

  /**
   * Resolves when all replicas in sync have all of the events.
   * @throws UnavailableError at once while there is no connection, and after a bounded time when the broker does not answer
   */
  async send(events: readonly OutgoingEvent[]): Promise<void> {
    for (const chunk of chunksOf(events)) await this.sendChunk(batchesOf(chunk, this.topicOf));
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    this.reason = 'closed';
    await settledBefore(
      [this.connecting.stop(), producer?.close() ?? Promise.resolve()],
      AbortSignal.timeout(CLOSE_MS),
    );
  }

  private async sendChunk(batches: readonly TopicBatch[]): Promise<void> {
    const { producer } = this;
    if (producer === undefined) throw new UnavailableError(this.reason, { code: 'kafka' });
    const sent = producer.send(batches);
    try {
      if (!(await settledBefore([sent], AbortSignal.timeout(SEND_MS)))) {
        throw new UnavailableError(`Kafka has not taken a batch within ${SEND_MS} ms`, { code: 'kafka' });
      }
      await sent;
    } catch (error) {
      this.discard(producer, error);
      throw error;
    }
  }

  /**
   * Whether a batch that failed was stored is unknown. The library would give its sequence numbers to the next batch, which a
   * broker that has stored the first would take for a repetition and drop. A new producer has an identity and numbers of its own.
   */
  private discard(producer: KafkaProducer, error: unknown): void {
    if (this.producer === producer) {
      this.producer = undefined;
      this.reason = normalizeError(error).message;
    }
    void producer.close().catch(() => undefined);
    this.connecting.wake();
  }

  private async connect(): Promise<undefined> {
    if (this.producer !== undefined) return;
    try {
      this.producer = await this.open();
    } catch (error) {
      this.reason = normalizeError(error).message;
      throw error;
    }
  }
}

interface Sized {
  readonly type: string;
  readonly message: KafkaMessage;
}

/** In their order, in parts that a broker takes. */
function* chunksOf(events: readonly OutgoingEvent[]): Generator<Sized[]> {
  let chunk: Sized[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(event.envelope) + OVERHEAD_BYTES;
    if (chunk.length > 0 && bytes + size > MOST_BYTES) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push({ type: event.type, message: toMessage(event) });
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

function batchesOf(chunk: readonly Sized[], topicOf: (type: string) => string): TopicBatch[] {
  const byTopic = new Map<string, KafkaMessage[]>();
  for (const { type, message } of chunk) {
    const topic = topicOf(type);
    const messages = byTopic.get(topic);
    if (messages === undefined) byTopic.set(topic, [message]);
    else messages.push(message);
  }
  return Array.from(byTopic, ([topic, messages]) => ({ topic, messages }));
}
