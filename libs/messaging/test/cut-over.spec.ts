import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import { abortCutOver, cutOver, prepareTopics } from '../src/operations/index.js';
import type { KafkaOptions } from '../src/index.js';
import { Installation } from '../src/transport/installation.js';
import { describeOnKafka } from './kafka-describe.js';
import { kafkaOptions } from './kafka-support.js';
import {
  Gate,
  Observer,
  Script,
  countRows,
  effects,
  publish,
  readiness,
  startService,
  waitForEffects,
} from './test-service.js';
import type { TestService, TestServiceOptions } from './test-service.js';

const nowhere: KafkaOptions = {
  kind: 'kafka',
  brokers: ['127.0.0.1:1'],
  topicPrefix: '',
  partitions: 1,
  replicationFactor: 1,
};

const databaseOf = (service: TestService): Database => service.app.get<Database>(Database);

describe('an installation on postgres', () => {
  let database: TestDatabase;
  let writer: TestService;
  let running: TestService[];

  const start = async (options: Partial<TestServiceOptions> = {}): Promise<TestService> => {
    const service = await startService({ databaseUrl: database.url, service: 'writer', ...options });
    running.push(service);
    return service;
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    running = [];
    writer = await start();
  });
  afterEach(async () => {
    await Promise.allSettled(running.map((service) => service.stop()));
    await database.close();
  });

  it('starts no service that is configured for Kafka, and says which command moves it', async () => {
    await expect(start({ transport: nowhere })).rejects.toThrow(
      'EVENT_TRANSPORT=kafka, but this installation is on postgres; move it with: npm run transport:cutover',
    );
  });

  it('goes on as before when the broker does not answer, and nothing was stopped', async () => {
    const lines: string[] = [];
    const attempt = cutOver(databaseOf(writer), {
      groups: ['reader'],
      drainMs: 1_000,
      prepare: () => prepareTopics(nowhere),
      tell: (line) => lines.push(line),
    });
    await expect(attempt).rejects.toThrow('Kafka at 127.0.0.1:1 does not do its part');
    expect(lines).toEqual([]);
    expect(await new Installation(databaseOf(writer)).state()).toEqual({ kind: 'postgres', held: false });
  });

  it('goes on as before when a group does not get through in time, and names it', async () => {
    const script = new Script();
    const mayGoOn = new Gate();
    script.before = () => mayGoOn.opened;
    const reader = await start({ service: 'reader', providers: [Observer], script });
    await publish(writer, [{ ideaId: randomUUID(), views: 1 }]);
    await waitFor(async () => (await countRows(writer.db, 'outbox')) === 0);
    const attempt = cutOver(databaseOf(writer), {
      groups: ['reader'],
      drainMs: 500,
      prepare: () => Promise.resolve([]),
      tell: () => undefined,
    });
    await expect(attempt).rejects.toThrow(/not drained within 0.5 s: reader has 1 events to handle/);
    mayGoOn.open();
    await publish(writer, [{ ideaId: randomUUID(), views: 2 }]);
    expect(await waitForEffects(reader.db, 2)).toHaveLength(2);
  });

  it('is finished by a second command when the first was left in the middle', async () => {
    const installation = new Installation(databaseOf(writer));
    await installation.hold();
    const lines: string[] = [];
    await cutOver(databaseOf(writer), {
      groups: [],
      drainMs: 10_000,
      prepare: () => Promise.resolve([]),
      tell: (line) => lines.push(line),
    });
    expect(lines.at(-1)).toBe('the installation is on Kafka: restart every service with EVENT_TRANSPORT=kafka');
    expect(await installation.state()).toEqual({ kind: 'kafka', held: false });
    await expect(abortCutOver(databaseOf(writer), () => undefined)).rejects.toThrow('there is no way back');
  });

  it('is put back to work by --abort when a cut-over was left in the middle', async () => {
    const installation = new Installation(databaseOf(writer));
    const lines: string[] = [];
    await installation.hold();
    await publish(writer, [{ ideaId: randomUUID(), views: 1 }]);
    await waitFor(() => JSON.stringify(writer.logs.lines()).includes('a cut-over to Kafka is under way'));
    expect(await countRows(writer.db, 'outbox')).toBe(1);
    writer.lifecycle.markReady();
    const held = await readiness(writer);
    expect(held).toMatchObject({
      code: 200,
      body: expect.stringMatching(/degraded.*a cut-over to Kafka is under way/),
    });
    await abortCutOver(databaseOf(writer), (line) => lines.push(line));
    await waitFor(async () => (await countRows(writer.db, 'outbox')) === 0);
    expect(lines).toEqual(['the cut-over is ended; relays append to the log again']);
  });
});

describeOnKafka('the cut-over', 1, (kafka) => {
  it('moves a live installation: what is published before, during and after it is handled once, in order', async () => {
    const database = await createTestDatabase();
    const transport = kafkaOptions(kafka());
    const base = { databaseUrl: database.url } as const;
    let writer = await startService({ ...base, service: 'writer' });
    let reader = await startService({ ...base, service: 'reader', providers: [Observer] });
    try {
      const ideaId = randomUUID();
      let published = 0;
      let stopped = false;
      const goOn = async (): Promise<void> => {
        while (!stopped) await publish(writer, [{ ideaId, views: published++ }]);
      };
      const lines: string[] = [];
      const load = goOn();
      await waitForEffects(reader.db, 20, 30_000);
      await cutOver(databaseOf(writer), {
        groups: ['reader'],
        drainMs: 60_000,
        prepare: () => prepareTopics(transport),
        tell: (line) => lines.push(line),
      });
      const during = published;
      await waitFor(() => published > during + 10, { timeoutMs: 20_000 });
      stopped = true;
      await load;
      expect(lines.at(-1)).toBe('the installation is on Kafka: restart every service with EVENT_TRANSPORT=kafka');
      expect(await countRows(writer.db, 'outbox')).toBeGreaterThan(0);
      // One that has nothing to send has to say so as well.
      reader.lifecycle.markReady();
      const left = await waitFor(async () => {
        const answer = await readiness(reader);
        return answer.body.includes('has moved to kafka') && answer;
      });
      expect(left).toMatchObject({ code: 200, body: expect.stringContaining('degraded') });
      await expect(startService({ ...base, service: 'third' })).rejects.toThrow(
        'EVENT_TRANSPORT=postgres, but this installation has moved to Kafka',
      );

      await Promise.all([writer.stop(), reader.stop()]);
      writer = await startService({ ...base, service: 'writer', transport });
      reader = await startService({ ...base, service: 'reader', transport, providers: [Observer] });
      for (let more = 0; more < 10; more++) await publish(writer, [{ ideaId, views: published++ }]);
      await waitForEffects(reader.db, published, 60_000);
      expect((await effects(reader.db)).map(({ views }) => views)).toEqual(
        Array.from({ length: published }, (_, views) => views),
      );
      expect(await countRows(writer.db, 'outbox')).toBe(0);
    } finally {
      await Promise.allSettled([writer.stop(), reader.stop()]);
      await database.close();
    }
  }, 180_000);
});
