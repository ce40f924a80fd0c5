import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Metrics, withSpan } from '@signalpress/observability';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { collectSpans, waitFor } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import { Kafka as Client, logLevel } from 'kafkajs';
import { PoisonError, Queues } from '../src/index.js';
import type { KafkaOptions } from '../src/index.js';
import { prepareTopics } from '../src/operations/index.js';
import { describeOnKafka } from './kafka-describe.js';
import { kafkaOptions } from './kafka-support.js';
import { Observer, Script, ideas, observation, publish, startService, waitForEffects } from './test-service.js';
import type { TestService, TestServiceOptions } from './test-service.js';

interface Raw {
  readonly key: string;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What stands in a topic, read by a client that knows nothing of us. */
async function read(transport: KafkaOptions, type: string, count: number): Promise<Raw[]> {
  const client = new Client({ brokers: [...transport.brokers], clientId: 'spec', logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 50 });
  const found: Raw[] = [];
  await consumer.connect();
  try {
    const subscription = { topic: transport.topicPrefix + type, fromBeginning: true };
    // A service makes the topics when it first needs them.
    const subscribed = (): Promise<boolean> =>
      consumer.subscribe(subscription).then(
        () => true,
        () => false,
      );
    await waitFor(subscribed, { timeoutMs: 20_000, message: `the topic of ${type}` });
    await consumer.run({
      eachMessage: ({ message }) => {
        const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
        const value = JSON.parse(String(message.value)) as unknown;
        found.push({ key: String(message.key), value, headers: Object.fromEntries(headers) });
        return Promise.resolve();
      },
    });
    await waitFor(() => found.length >= count, { timeoutMs: 20_000, message: `${count} messages of ${type}` });
    return found;
  } finally {
    await consumer.disconnect();
  }
}

describeOnKafka('what goes over the wire', 1, (kafka) => {
  let database: TestDatabase;
  let spans: SpanCollection;
  let transport: KafkaOptions;
  let running: TestService[];

  const start = async (options: Partial<TestServiceOptions> = {}): Promise<TestService> => {
    const service = await startService({ databaseUrl: database.url, transport, ...options });
    running.push(service);
    return service;
  };

  beforeEach(async () => {
    spans = collectSpans();
    database = await createTestDatabase();
    transport = kafkaOptions(kafka());
    running = [];
  });
  afterEach(async () => {
    await Promise.allSettled(running.map((service) => service.stop()));
    await database.close();
    await spans.shutdown();
  });

  it('is CloudEvents in binary mode, each message of a batch in the trace of its own producer', async () => {
    const writer = await start({ service: 'writer', now: () => new Date('2026-05-04T10:30:01.000Z') });
    const reader = await start({ providers: [Observer] });
    const keys = ideas(3);
    for (const ideaId of keys) await withSpan('request', {}, () => publish(writer, [{ ideaId, views: 1 }]));
    await waitForEffects(reader.db, 3, 30_000);
    const messages = await read(transport, 'listings.observed', 3);
    const first = messages.find(({ key }) => key === keys[0]);
    expect(first?.value).toEqual(observation({ ideaId: keys[0] ?? '', views: 1 }));
    expect(first?.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ce_type: 'listings.observed',
      ce_source: '/signalpress/writer',
      ce_subject: keys[0],
      ce_time: '2026-05-04T10:30:01.000Z',
      ce_dataschema: 'signalpress:listings.observed:1.0',
      'content-type': 'application/json',
      ce_recordedat: expect.stringMatching(/^\d{4}-.*Z$/),
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    });

    const produced = await waitFor(() => {
      const all = spans.spans().filter(({ name }) => name === 'publish listings.observed');
      return all.length === 3 && all;
    });
    const consumed = await waitFor(() => {
      const all = spans.spans().filter(({ name }) => name === 'process listings.observed');
      return all.length === 3 && all;
    });
    expect(new Set(produced.map(({ traceId }) => traceId)).size).toBe(3);
    for (const parent of produced) {
      expect(parent.attributes).toMatchObject({ 'messaging.system': 'kafka' });
      const child = consumed.find(({ parentSpanId }) => parentSpanId === parent.spanId);
      expect(child?.traceId).toBe(parent.traceId);
      expect(child?.attributes).toMatchObject({
        'messaging.system': 'kafka',
        'messaging.destination.name': 'listings.observed',
        'messaging.destination.partition.id': expect.stringMatching(/^[0-3]$/),
        'messaging.kafka.offset': expect.any(Number),
        'messaging.consumer.group.name': 'reader',
        'messaging.message.id': parent.attributes['messaging.message.id'],
      });
    }
  }, 60_000);

  it('tells of each dead letter in a topic: error, attempts, envelope and trace', async () => {
    const script = new Script();
    script.after = () => Promise.reject(new PoisonError('never', { code: 'impossible' }));
    const writer = await start({ service: 'writer' });
    await start({ providers: [Observer], script });
    const ideaId = randomUUID();
    const [id] = await withSpan('request', {}, () => publish(writer, [{ ideaId, views: 1 }]));
    const [letter] = await read(transport, 'dead-letters', 1);
    expect(letter?.key).toBe(ideaId);
    expect(letter?.value).toMatchObject({
      service: 'reader',
      kind: 'event',
      name: 'listings.observed',
      sourceId: id,
      error: { code: 'impossible', message: 'never' },
      attempts: 1,
      content: { id, type: 'listings.observed', data: observation({ ideaId, views: 1 }) },
    });
    const request = spans.spans().find(({ name }) => name === 'request');
    expect(letter?.headers['traceparent']).toContain(request?.traceId);
  }, 60_000);

  it('tells what waits for a group that is away, and how old it is, and nothing once it has read', async () => {
    const writer = await start({ service: 'writer' });
    const queues = writer.get(Queues);
    const before = await start({ providers: [Observer] });
    await publish(writer, [{ ideaId: randomUUID(), views: 0 }]);
    await waitForEffects(before.db, 1, 30_000);
    await before.stop();
    await publish(
      writer,
      ideas(5).map((ideaId) => ({ ideaId, views: 1 })),
    );
    const waiting = await waitFor(async () => (await queues.lengths()).find(({ events }) => events === 5), {
      timeoutMs: 20_000,
      message: 'five events in the queue',
    });
    expect(waiting).toMatchObject({ topic: 'listings.observed', group: 'reader' });
    const aged = await waitFor(
      async () => {
        const age = (await queues.lengths())[0]?.oldestAgeSeconds ?? 0;
        return age >= 3 && age;
      },
      { timeoutMs: 30_000, message: 'an age of three seconds' },
    );
    expect(aged).toBeLessThan(60);
    const again = await start({ providers: [Observer] });
    await waitForEffects(again.db, 6, 30_000);
    await waitFor(async () => (await queues.lengths())[0]?.events === 0, { timeoutMs: 20_000 });
    expect(await queues.lengths()).toEqual([
      { topic: 'listings.observed', group: 'reader', events: 0, oldestAgeSeconds: null },
    ]);
    const text = await again.get(Metrics).scrape();
    expect(text).toMatch(/messaging_consumer_lag\{topic="listings\.observed",partition="0"\} 0/);
    expect(text).toMatch(/messaging_rebalances_total [1-9]/);
    expect(text).toMatch(/messaging_offset_commits_total [1-9]/);
  }, 120_000);

  it('has topics as they are declared, and says where one is less', async () => {
    const first = await prepareTopics(transport);
    expect(first).toHaveLength(18);
    expect(first.every(({ created }) => created)).toBe(true);
    const more = await prepareTopics({ ...transport, partitions: 6 });
    const observed = more.find(({ declared }) => declared.topic.endsWith('listings.observed'));
    expect(observed).toMatchObject({ created: false, found: { partitions: 4, replicationFactor: 1 } });
    expect(observed?.warning).toContain('has only 4 of 6 partitions');
    expect(more.find(({ declared }) => declared.topic.endsWith('weights.updated'))?.warning).toBeUndefined();
  }, 60_000);
});
