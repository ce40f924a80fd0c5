import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka as Client, ConfigResourceTypes, logLevel } from 'kafkajs';
import type { Admin, Producer } from 'kafkajs';
import { waitFor } from '../wait-for.js';
import { kafkaUnavailable, startKafka } from './kafka.cluster.js';
import type { Kafka } from './kafka.cluster.js';
import { KafkaUnavailableError, kafkaJars } from './kafka.jars.js';

const unavailable = kafkaUnavailable();
const title = unavailable === undefined ? 'a real Kafka' : `a real Kafka (skipped: ${unavailable})`;

const clientOf = (kafka: Kafka): Client =>
  new Client({ brokers: kafka.bootstrap.split(','), clientId: 'spec', logLevel: logLevel.NOTHING });

/** Collects the values of a topic as a member of the group until the returned function is called. */
async function consume(client: Client, groupId: string, topic: string): Promise<[string[], () => Promise<void>]> {
  const values: string[] = [];
  const consumer = client.consumer({ groupId, maxWaitTimeInMs: 50, retry: { retries: 20 } });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      values.push(String(message.value));
      return Promise.resolve();
    },
  });
  return [values, () => consumer.disconnect()];
}

(unavailable === undefined ? describe : describe.skip)(`${title}, one broker, by kafkajs`, () => {
  let kafka: Kafka;
  let client: Client;
  let admin: Admin;
  let producer: Producer;

  beforeAll(async () => {
    kafka = await startKafka();
    client = clientOf(kafka);
    admin = client.admin();
    producer = client.producer();
    await Promise.all([admin.connect(), producer.connect()]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
    await kafka.stop();
    expect(kafka.brokers.map(({ pid }) => pid)).toEqual([undefined]);
  }, 60_000);

  it('creates, describes, grows, configures and deletes topics', async () => {
    expect(await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'grown', numPartitions: 2 }] })).toBe(
      true,
    );
    await admin.createPartitions({ topicPartitions: [{ topic: 'grown', count: 4 }] });
    await waitFor(
      async () => (await admin.fetchTopicMetadata({ topics: ['grown'] })).topics[0]?.partitions.length === 4,
    );
    const described = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: 'grown', configNames: ['retention.ms'] }],
    });
    expect(described.resources[0]?.configEntries[0]?.configName).toBe('retention.ms');
    await admin.deleteTopics({ topics: ['grown'] });
    await waitFor(async () => !(await admin.listTopics()).includes('grown'));
  });

  it('hands messages with headers to a group, which goes on where it stopped and tells its lag', async () => {
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 2 }], waitForLeaders: true });
    await producer.send({ topic: 'orders', messages: [{ key: 'a', value: 'one', headers: { h: 'x' } }] });
    const [first, leave] = await consume(client, 'readers', 'orders');
    await waitFor(() => first.length === 1, { timeoutMs: 20_000, message: 'the first message' });
    await leave();
    await producer.send({ topic: 'orders', messages: [{ key: 'a', value: 'two' }] });
    const lag = async (): Promise<number> => {
      const [ends, [group]] = await Promise.all([
        admin.fetchTopicOffsets('orders'),
        admin.fetchOffsets({ groupId: 'readers', topics: ['orders'] }),
      ]);
      const read = new Map(group?.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
      return ends.reduce((sum, { partition, high }) => sum + Number(high) - (read.get(partition) ?? 0), 0);
    };
    expect(await lag()).toBe(1);
    const [second, leaveAgain] = await consume(client, 'readers', 'orders');
    await waitFor(() => second.length > 0, { timeoutMs: 20_000, message: 'the second message' });
    expect(second).toEqual(['two']);
    await leaveAgain();
    expect((await admin.describeGroups(['readers'])).groups[0]?.state).toBe('Empty');
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toContain('readers');
    await admin.setOffsets({ groupId: 'readers', topic: 'orders', partitions: [{ partition: 0, offset: '0' }] });
    await admin.deleteGroups(['readers']);
  }, 60_000);

  it('writes idempotently and in transactions', async () => {
    await admin.createTopics({ topics: [{ topic: 'exact' }], waitForLeaders: true });
    const idempotent = client.producer({ idempotent: true, maxInFlightRequests: 1 });
    const transactional = client.producer({ transactionalId: 'spec', idempotent: true, maxInFlightRequests: 1 });
    await Promise.all([idempotent.connect(), transactional.connect()]);
    await idempotent.send({ topic: 'exact', acks: -1, messages: [{ value: 'idempotent' }] });
    const aborted = await transactional.transaction();
    await aborted.send({ topic: 'exact', messages: [{ value: 'aborted' }] });
    await aborted.abort();
    const committed = await transactional.transaction();
    await committed.send({ topic: 'exact', messages: [{ value: 'committed' }] });
    await committed.commit();
    const [values, leave] = await consume(client, 'exact-readers', 'exact');
    await waitFor(() => values.includes('committed'), { timeoutMs: 20_000, message: 'the committed message' });
    expect(values).toEqual(['idempotent', 'committed']);
    await Promise.all([leave(), idempotent.disconnect(), transactional.disconnect()]);
  }, 60_000);
});

(unavailable === undefined ? describe : describe.skip)(`${title}, three brokers`, () => {
  it('keeps what two of them have when one loses power, and takes it back', async () => {
    const kafka = await startKafka({ brokers: 3 });
    try {
      const client = clientOf(kafka);
      const admin = client.admin();
      const producer = client.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 20 } });
      await Promise.all([admin.connect(), producer.connect()]);
      await admin.createTopics({ topics: [{ topic: 'kept', replicationFactor: 3 }], waitForLeaders: true });
      const leader = async (): Promise<number> =>
        (await admin.fetchTopicMetadata({ topics: ['kept'] })).topics[0]?.partitions[0]?.leader ?? -1;
      const first = await leader();
      await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'before' }] });
      await kafka.stopBroker(first - 1, 'SIGKILL');
      await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'without the leader' }] });
      await kafka.startBroker(first - 1);
      const [values, leave] = await consume(client, 'survivors', 'kept');
      await waitFor(() => values.length >= 2, { timeoutMs: 30_000, message: 'both messages' });
      expect(values).toEqual(['before', 'without the leader']);
      const inSync = async () =>
        (await admin.fetchTopicMetadata({ topics: ['kept'] })).topics[0]?.partitions[0]?.isr.length === 3;
      await waitFor(inSync, { timeoutMs: 30_000, message: 'three replicas in sync' });
      await Promise.all([leave(), producer.disconnect(), admin.disconnect()]);
    } finally {
      await kafka.stop();
    }
  }, 120_000);

  it('keeps its data and ports in a given directory', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'kafka-spec-'));
    try {
      const before = await startKafka({ dataDirectory });
      const admin = clientOf(before).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: 'stays' }], waitForLeaders: true });
      await admin.disconnect();
      await before.stop();
      const after = await startKafka({ dataDirectory });
      const again = clientOf(after).admin();
      await again.connect();
      expect(after.bootstrap).toBe(before.bootstrap);
      expect(await again.listTopics()).toContain('stays');
      await again.disconnect();
      await after.stop();
      await expect(startKafka({ dataDirectory, brokers: 3 })).rejects.toThrow('holds a cluster of 1 brokers');
    } finally {
      rmSync(dataDirectory, { recursive: true, force: true });
    }
  }, 120_000);
});

describe('where no Kafka can be had', () => {
  it('says plainly what is missing', () => {
    const nothing = { cacheDirectory: join(tmpdir(), 'no-kafka-here'), required: false, path: '' };
    expect(() => kafkaJars(nothing)).toThrow(KafkaUnavailableError);
    expect(() => kafkaJars(nothing)).toThrow('Kafka needs Java 17, and there is no java in the PATH');
  });
});
