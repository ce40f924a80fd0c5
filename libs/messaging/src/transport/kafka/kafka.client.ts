import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as Kafkajs from 'kafkajs';
import type { Admin, Consumer, Kafka, KafkaConfig, Message, Producer } from 'kafkajs';
import { explained } from './kafka.faults.js';
import type { DeclaredTopic } from './kafka.names.js';
import type { KafkaOptions } from './kafka.options.js';
import type { ReceivedMessage } from './kafka.message.js';
import { partitionOf } from './kafka.partitioner.js';
import { calm } from './kafka.queue.js';
import type { RequestQueue } from './kafka.queue.js';
import { readRecord } from './kafka.record-reader.js';
import { writeRecord } from './kafka.record-writer.js';
import type {
  ConsumerEvents,
  ConsumerSettings,
  KafkaAdmin,
  KafkaClient,
  KafkaConsumer,
  KafkaProducer,
  PartitionOffset,
  TopicBatch,
  TopicPartition,
  TopicState,
} from './kafka.seat.js';

/** The seat of kafkajs: no other file imports it (docs/adr/0013). */
type Library = typeof Kafkajs;

const CONNECT_MS = 3_000;
const REQUEST_MS = 5_000;
/** A leader that moves takes a second or two; what takes longer is an outage, which the caller waits out. */
const RETRY = { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000 };
/** How long a broker may hold a fetch that has nothing to bring; also the longest time to notice a resumed partition. */
const FETCH_WAIT_MS = 100;
/** What is decoded at once is several times as large as its bytes. A batch or an event that is larger comes all the same. */
const FETCH_BYTES = 1_048_576;
const FETCH_PARTITION_BYTES = 131_072;
const ALL_REPLICAS = -1;
const TOPICS_MS = 10_000;
const TOPICS_POLL_MS = 50;
const DELIVERY = { acks: ALL_REPLICAS, timeout: REQUEST_MS };

/** @param tell gets what the library logs, for the debug level */
export function openKafka(
  options: KafkaOptions,
  clientId: string,
  tell: (message: string, fields: Readonly<Record<string, unknown>>) => void,
): KafkaClient {
  // Loaded late: an installation without a broker does without it. An import would not see all that it exports.
  const require = createRequire(import.meta.url);
  replace(require, 'kafkajs/src/protocol/recordBatch/record/v0/decoder', readRecord);
  replace(require, 'kafkajs/src/protocol/recordBatch/record/v0', writeRecord);
  const library = require('kafkajs') as Library;
  calm((require('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue }).prototype);
  const kafka = new library.Kafka({ ...connection(options), clientId, ...logging(library, tell) });
  return {
    producer: () => producer(kafka, options),
    consumer: (settings, events) => consumer(kafka, settings, events, options),
    admin: () => administration(kafka.admin({ retry: RETRY }), options),
  };
}

/** Has the library load ours for one of its own files. Where somebody has loaded it before us it keeps its own, which does the same. */
function replace(require: NodeJS.Require, file: string, own: unknown): void {
  require(file);
  const loaded = require.cache[require.resolve(file)];
  if (loaded !== undefined) loaded.exports = own;
}

function connection({ brokers, tls, sasl, openSocket }: KafkaOptions): KafkaConfig {
  return {
    brokers: [...brokers],
    connectionTimeout: CONNECT_MS,
    authenticationTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    enforceRequestTimeout: true,
    retry: RETRY,
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
    ...(openSocket === undefined ? {} : { socketFactory: openSocket }),
  };
}

/** One branch for each mechanism, because the library's type has one. */
function saslOf({
  mechanism,
  username,
  password,
}: NonNullable<KafkaOptions['sasl']>): NonNullable<KafkaConfig['sasl']> {
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}

function logging(
  library: Library,
  tell: (message: string, fields: Readonly<Record<string, unknown>>) => void,
): Pick<KafkaConfig, 'logLevel' | 'logCreator'> {
  return {
    // Its pauses and resumes are information to it; what goes wrong comes to us as an error anyway.
    logLevel: library.logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log }) => {
        tell(`kafka ${namespace}: ${log.message}`, {
          error: typeof log['error'] === 'string' ? log['error'] : undefined,
        });
      },
  };
}

function producer(kafka: Kafka, options: KafkaOptions): KafkaProducer {
  const inner: Producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message, partitionMetadata }) =>
        partitionOf(String(message.key), partitionMetadata.length),
    retry: RETRY,
  });
  const toLibrary = ({ topic, messages }: TopicBatch): { topic: string; messages: Message[] } => ({
    topic,
    messages: [...messages],
  });
  return {
    connect: () => explained(options, inner.connect()),
    send: async (batches) => {
      await explained(options, inner.sendBatch({ ...DELIVERY, topicMessages: batches.map(toLibrary) }));
    },
    close: () => inner.disconnect(),
  };
}

function consumer(
  kafka: Kafka,
  settings: ConsumerSettings,
  events: ConsumerEvents,
  options: KafkaOptions,
): KafkaConsumer {
  const { group, topics, sessionMs, heartbeatMs } = settings;
  const inner: Consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: sessionMs,
    rebalanceTimeout: Math.max(sessionMs, 30_000),
    heartbeatInterval: heartbeatMs,
    allowAutoTopicCreation: false,
    minBytes: 1,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytes: FETCH_BYTES,
    maxBytesPerPartition: FETCH_PARTITION_BYTES,
    // We begin anew ourselves: its own restart has a timer that nobody can stop.
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  const { GROUP_JOIN, REBALANCING, HEARTBEAT, CRASH, COMMIT_OFFSETS } = inner.events;
  inner.on(GROUP_JOIN, ({ payload }) => events.joined(payload.memberAssignment));
  inner.on(REBALANCING, () => events.rebalancing());
  inner.on(HEARTBEAT, () => events.alive());
  inner.on(COMMIT_OFFSETS, () => events.committed());
  inner.on(CRASH, ({ payload }) => events.crashed(payload.error));
  const start = async (): Promise<void> => {
    await inner.connect();
    await inner.subscribe({ topics: [...topics], fromBeginning: true });
    await inner.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Handing over is all that happens here, so there is nothing to do at the same time.
      partitionsConsumedConcurrently: 1,
      eachBatch: async ({ batch, ...client }) => {
        const partition = { topic: batch.topic, partition: batch.partition };
        const last = batch.messages.at(-1);
        if (last !== undefined && events.fetched(partition, batch.messages.map(received)))
          client.resolveOffset(last.offset);
        // With nothing to fetch the client would sleep, and nobody could wake it.
        await events.room(FETCH_WAIT_MS);
      },
    });
  };
  return {
    start: () => explained(options, start()),
    commit: (offsets) => explained(options, inner.commitOffsets(offsets.map(toOffset))),
    pause: (partition) => inner.pause([listed(partition)]),
    resume: (partition) => inner.resume([listed(partition)]),
    seek: (to) => inner.seek(toOffset(to)),
    close: () => inner.disconnect(),
  };
}

const listed = ({ topic, partition }: TopicPartition) => ({ topic, partitions: [partition] });
const toOffset = ({ topic, partition, offset }: PartitionOffset) => ({ topic, partition, offset: String(offset) });

function received({
  offset,
  value,
  headers = {},
}: {
  readonly offset: string;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}): ReceivedMessage {
  const texts: Record<string, string> = {};
  let bytes = value?.length ?? 0;
  for (const name of Object.keys(headers)) {
    const header = headers[name];
    // A repeated header is a list, of which the last counts.
    const one = Array.isArray(header) ? header.at(-1) : header;
    if (one === undefined) continue;
    texts[name] = one.toString();
    bytes += name.length + one.length;
  }
  // Decoded now: the bytes are a part of the whole response, which they would keep in memory.
  return { offset: BigInt(offset), value: value?.toString('utf8') ?? 'null', headers: texts, bytes };
}

function administration(inner: Admin, options: KafkaOptions): KafkaAdmin {
  const ask = <T>(answer: Promise<T>): Promise<T> => explained(options, answer);
  return {
    connect: () => ask(inner.connect()),
    close: () => inner.disconnect(),
    ping: async () => {
      await ask(inner.describeCluster());
    },
    topics: async (names) => {
      const wanted = new Set(names);
      const existing = (await ask(inner.listTopics())).filter((topic) => wanted.has(topic));
      if (existing.length === 0) return [];
      const { topics } = await ask(inner.fetchTopicMetadata({ topics: existing }));
      return topics.map(({ name, partitions }): TopicState => ({
        topic: name,
        partitions: partitions.length,
        replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      }));
    },
    create: async (topics) => {
      await ask(inner.createTopics({ waitForLeaders: false, topics: topics.map(toTopicConfig) }));
      await ask(ledTopics(inner, topics));
    },
    ranges: async (topic) => {
      const rows = await ask(inner.fetchTopicOffsets(topic));
      return new Map(rows.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
    },
    offsetsAt: async (topic, epochMs) =>
      offsetsOf(await ask(inner.fetchTopicOffsetsByTimestamp(topic, Math.trunc(epochMs)))),
    committed: async (group, topics) => {
      const answers = await ask(inner.fetchOffsets({ groupId: group, topics: [...topics] }));
      return new Map(
        answers.map(({ topic, partitions }) => [
          topic,
          // -1: it has never committed this one.
          offsetsOf(partitions.filter(({ offset }) => !offset.startsWith('-'))),
        ]),
      );
    },
  };
}

/**
 * Resolves when the brokers know the topics, which the controller tells them a moment after it has made them. The library has a
 * wait of its own, which takes that moment for a failure.
 */
async function ledTopics(inner: Admin, topics: readonly DeclaredTopic[]): Promise<void> {
  const deadline = performance.now() + TOPICS_MS;
  for (;;) {
    try {
      await inner.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
      return;
    } catch (error) {
      if (!isSpreading(error) || performance.now() > deadline) throw error;
    }
    await sleep(TOPICS_POLL_MS);
  }
}

function isSpreading(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const type = 'type' in error ? error.type : undefined;
  return type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'LEADER_NOT_AVAILABLE' || isSpreading(error.cause);
}

function toTopicConfig({ topic, partitions, replicationFactor, retentionMs, cleanupPolicy }: DeclaredTopic) {
  return {
    topic,
    numPartitions: partitions,
    replicationFactor,
    configEntries: [
      { name: 'retention.ms', value: String(retentionMs) },
      { name: 'cleanup.policy', value: cleanupPolicy },
      // With three replicas, two must have what was acknowledged.
      { name: 'min.insync.replicas', value: String(Math.max(1, replicationFactor - 1)) },
    ],
  };
}

function offsetsOf(rows: readonly { readonly partition: number; readonly offset: string }[]): Map<number, bigint> {
  return new Map(rows.map(({ partition, offset }) => [partition, BigInt(offset)]));
}
