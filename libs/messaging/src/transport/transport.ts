import type { Attributes } from '@opentelemetry/api';
import type { Transaction } from '@signalpress/persistence';

/** An event on its way out. */
export interface OutgoingEvent {
  readonly id: string;
  readonly type: string;
  /** Order is kept among the events with an equal key. */
  readonly key: string;
  /** The CloudEvents envelope as JSON text. */
  readonly envelope: string;
  /** When it was written to the outbox. */
  readonly recordedAt: Date;
}

/** An event as it arrives, unchecked. */
export interface Delivery {
  readonly type: string;
  readonly envelope: unknown;
  /** What spans say besides: where in the broker it was. */
  readonly attributes?: Attributes;
  /** Milliseconds since it was written to its producer's outbox. */
  waitedMs(): number;
  /**
   * Moves the group past this event, and all before it in its partition, as part of the transaction, or, with a broker, after it.
   * @throws FencedError if another member owns the partition by now, as far as we know; the transaction must then be rolled back.
   */
  commit(tx: Transaction<unknown>): Promise<void>;
}

/** So many events of a partition may be handled in one transaction. */
export const MOST_AT_ONCE = 50;

/** `settled`: handled, or buried as a dead letter, and committed. `abandoned`: to be delivered again, here or elsewhere. */
export type Settlement = 'settled' | 'abandoned';

export interface Subscription {
  /** Members of one group share the partitions; each event goes to one of them. */
  readonly group: string;
  /** What the group handles; it moves past everything else unseen. */
  readonly types: ReadonlySet<string>;
  /**
   * Called with the next events of a partition, at most `MOST_AT_ONCE`, in order, and in parallel for different partitions. It
   * does its own retries. It answers how many of them, from the first on, are settled: at least one unless the signal aborts,
   * soon after which it answers; the rest is given to it again. It rejects with FencedError only.
   */
  process(deliveries: readonly Delivery[], signal: AbortSignal): Promise<number>;
  /** Called for the first failure of a row, and with undefined when things work again. */
  onFault(name: string, error: unknown): void;
}

/** One member of a group. */
export interface Subscriber {
  start(): void;
  /** Begins no further delivery. */
  pause(): void;
  /** Pauses, waits for the deliveries that run until the deadline aborts, then gives the partitions back. */
  close(deadline: AbortSignal): Promise<void>;
}

export interface PartitionLag {
  /** Absent where a partition holds the events of all topics. */
  readonly topic?: string;
  readonly partition: number;
  /** Events that the group has yet to look at. */
  readonly events: number;
}

/** What a consumer group has yet to handle of one topic. */
export interface QueueLength {
  readonly topic: string;
  readonly group: string;
  readonly events: number;
  /** Since the oldest of them was written to its producer's outbox; null when there is none. */
  readonly oldestAgeSeconds: number | null;
}

/** Carries events from outboxes to consumer groups, at least once and in order per key; the inbox makes it exactly once. */
export interface Transport {
  readonly kind: 'postgres' | 'kafka';
  /** What spans of published events say besides. */
  readonly spanAttributes: Attributes;
  /** Opens what it needs, in the background. */
  start(): void;
  /** Called last, within a bounded time. */
  close(): Promise<void>;
  /**
   * Takes the events, in their order, or rejects. A transport in the service's own database does it as part of `tx`, in
   * which the caller also removes them from the outbox; any other has stored them durably when it resolves.
   */
  append(events: readonly OutgoingEvent[], tx: Transaction<unknown>): Promise<void>;
  subscribe(subscription: Subscription): Subscriber;
  lag(group: string): Promise<PartitionLag[]>;
  /** Every group's queue of every topic that it handles, also those that are empty. */
  queues(): Promise<QueueLength[]>;
  /** Removes what every group is past, and old enough; answers how many events went. */
  prune(olderThanDays: number): Promise<number>;
}

/** Token of the transport in use. */
export const TRANSPORT = Symbol('Transport');
