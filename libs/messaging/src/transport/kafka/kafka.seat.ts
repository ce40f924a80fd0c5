import type { DeclaredTopic } from './kafka.names.js';
import type { KafkaMessage, ReceivedMessage } from './kafka.message.js';

/** What the transport needs of a client library; `kafka.client.ts` is the one file that has such a library. */
export interface KafkaClient {
  /** Idempotent, all replicas acknowledge, one request at a time for each broker. */
  producer(): KafkaProducer;
  consumer(settings: ConsumerSettings, events: ConsumerEvents): KafkaConsumer;
  admin(): KafkaAdmin;
}

export interface TopicBatch {
  readonly topic: string;
  readonly messages: readonly KafkaMessage[];
}

export interface KafkaProducer {
  connect(): Promise<void>;
  /** Rejects when not all of it is known to be stored. The producer must then be thrown away. */
  send(batches: readonly TopicBatch[]): Promise<void>;
  close(): Promise<void>;
}

export interface ConsumerSettings {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionMs: number;
  readonly heartbeatMs: number;
}

/** Called by the client's own loop, which goes on when they return: none of them waits for anything but `room`. */
export interface ConsumerEvents {
  /** The group has shared out its partitions anew; by topic, what is ours. What was fetched before is void. */
  joined(assignment: Readonly<Record<string, readonly number[]>>): void;
  /** It is about to do so. */
  rebalancing(): void;
  /** The broker has answered a heartbeat. */
  alive(): void;
  committed(): void;
  /** It has stopped for good. */
  crashed(error: Error): void;
  /** Messages in order; true takes them, false has them fetched again from where `seek` says. */
  fetched(partition: TopicPartition, messages: readonly ReceivedMessage[]): boolean;
  /** Resolves when there is a partition to fetch from that is not paused, at the latest after `ms`. */
  room(ms: number): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionOffset extends TopicPartition {
  /** Of the next message to handle. */
  readonly offset: bigint;
}

export interface KafkaConsumer {
  /** Joins the group; resolves when it is a member, or has crashed. */
  start(): Promise<void>;
  commit(offsets: readonly PartitionOffset[]): Promise<void>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  seek(to: PartitionOffset): void;
  /** Leaves the group. */
  close(): Promise<void>;
}

/** A topic as the cluster has it. */
export interface TopicState {
  readonly topic: string;
  readonly partitions: number;
  /** Of the partition that has the fewest replicas. */
  readonly replicationFactor: number;
}

export interface OffsetRange {
  readonly low: bigint;
  readonly high: bigint;
}

export interface KafkaAdmin {
  connect(): Promise<void>;
  close(): Promise<void>;
  /** Resolves when a broker answers. */
  ping(): Promise<void>;
  /** Those of the topics that exist. */
  topics(names: readonly string[]): Promise<TopicState[]>;
  /** Creates them; one that exists by now is left as it is. */
  create(topics: readonly DeclaredTopic[]): Promise<void>;
  /** The offsets of the oldest message and of the one after the newest, by partition. */
  ranges(topic: string): Promise<Map<number, OffsetRange>>;
  /** The first message that is not older than the instant, by partition; the end where there is none. */
  offsetsAt(topic: string, epochMs: number): Promise<Map<number, bigint>>;
  /** Where the group goes on, by topic and partition; without those that it has never committed. */
  committed(group: string, topics: readonly string[]): Promise<Map<string, Map<number, bigint>>>;
}
