import { FencedError } from '../../messaging.errors.js';
import { MOST_AT_ONCE } from '../transport.js';
import type { Delivery } from '../transport.js';
import { recordedAtOf, toEnvelope } from './kafka.message.js';
import type { ReceivedMessage } from './kafka.message.js';
import type { TopicPartition } from './kafka.seat.js';
import { kafkaAttributes } from './kafka.attributes.js';

/** Bytes of a partition that wait in memory: at more the partition is paused, at less than half it is fetched again. */
const MOST_BYTES = 262_144;
/** Fewer events than this, those in hand included: the next transaction may not be a full one. */
const HUNGRY = 2 * MOST_AT_ONCE;
/** A partition that brought nothing for so long is not waited for. */
const FED_MS = 100;

/** What a lane does with the world around it. */
export interface LaneHooks {
  process(deliveries: readonly Delivery[], signal: AbortSignal): Promise<number>;
  /** The group may be moved past everything before this offset. */
  settled(lane: Lane): void;
  /** There is room again. */
  drained(lane: Lane): void;
  /** Whether the broker knew this member within the session; after it, others may have the partition. */
  isMember(): boolean;
  failed(lane: Lane, error: unknown): void;
}

/** One partition that is ours, from one sharing-out to the next: its messages are handled in order, those that wait at once. */
export class Lane {
  /** Aborted when the partition is given back or lost. */
  readonly leaving = new AbortController();
  /** The first offset that is not settled, if it is known. */
  next: bigint | undefined;
  paused = false;
  /** Set when the group has shared out its partitions anew: the event in hand belongs to whoever fetches it next. */
  lost = false;
  /** Nothing was fetched for it yet. */
  isFresh = true;
  private queue: ReceivedMessage[] = [];
  private bytes = 0;
  private pumping: Promise<void> | undefined;
  private fedAt = -Infinity;

  /** @param before resolves when the event in hand of this partition's last lane is done with */
  constructor(
    readonly at: TopicPartition,
    private readonly type: string,
    private readonly hooks: LaneHooks,
    private readonly before: Promise<void>,
  ) {}

  get isFull(): boolean {
    return this.bytes >= MOST_BYTES;
  }

  /** It could soon do with more, and there lately was more. */
  get isHungry(): boolean {
    return this.queue.length < HUNGRY && performance.now() - this.fedAt < FED_MS;
  }

  /** It has more than enough to go on with. */
  get isSated(): boolean {
    return this.queue.length >= HUNGRY;
  }

  /** Resolves when the event in hand is done with. */
  get idle(): Promise<void> {
    return this.pumping ?? this.before;
  }

  push(messages: readonly ReceivedMessage[]): void {
    if (this.isFresh) this.next = messages[0]?.offset;
    this.isFresh = false;
    this.fedAt = performance.now();
    for (const message of messages) {
      this.queue.push(message);
      this.bytes += message.bytes;
    }
    this.pumping ??= this.pump();
  }

  /** Begins nothing further, and forgets what waits: it is fetched again, here or elsewhere. */
  leave(): void {
    this.leaving.abort();
    this.queue = [];
    this.bytes = 0;
  }

  private async pump(): Promise<void> {
    try {
      await this.before;
      while (this.queue.length > 0) {
        if (this.leaving.signal.aborted) return;
        await this.stillOurs();
        const messages = this.queue.slice(0, MOST_AT_ONCE);
        const deliveries = messages.map((message) => this.deliveryOf(message));
        this.taken(messages.slice(0, await this.hooks.process(deliveries, this.leaving.signal)));
      }
    } catch (error) {
      this.leave();
      this.hooks.failed(this, error);
    } finally {
      // In the same turn as the last look at the queue: whoever pushes finds us either running or gone.
      this.pumping = undefined;
    }
  }

  /**
   * The offset follows the effect, and the inbox is the guard against two of them. This stops what we know to be another's: its
   * effect is rolled back, so that it is done in its place.
   */
  private stillOurs(): Promise<void> {
    if (!this.lost && this.hooks.isMember()) return Promise.resolve();
    return Promise.reject(new FencedError(`partition ${this.at.partition} of ${this.at.topic}`));
  }

  private taken(messages: readonly ReceivedMessage[]): void {
    const last = messages.at(-1);
    if (last === undefined) return;
    this.next = last.offset + 1n;
    // What waited was forgotten when it left.
    if (!this.leaving.signal.aborted) {
      this.queue.splice(0, messages.length);
      for (const { bytes } of messages) this.bytes -= bytes;
      if (this.paused && this.bytes < MOST_BYTES / 2) this.hooks.drained(this);
    }
    this.hooks.settled(this);
  }

  private deliveryOf(message: ReceivedMessage): Delivery {
    const recordedAt = recordedAtOf(message) ?? Date.now();
    const { partition } = this.at;
    return {
      type: this.type,
      envelope: toEnvelope(message),
      // Asked for where spans are exported.
      get attributes() {
        return kafkaAttributes(partition, message.offset);
      },
      waitedMs: () => Date.now() - recordedAt,
      commit: () => this.stillOurs(),
    };
  }
}
