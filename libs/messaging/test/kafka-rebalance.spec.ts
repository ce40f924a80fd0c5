import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { waitFor } from '@signalpress/testing';
import type { KafkaOptions } from '../src/index.js';
import { describeOnKafka } from './kafka-describe.js';
import { cuttable, kafkaOptions } from './kafka-support.js';
import {
  Gate,
  Observer,
  Script,
  countRows,
  effects,
  ideas,
  publish,
  startService,
  waitForEffects,
} from './test-service.js';
import type { TestService, TestServiceOptions } from './test-service.js';

describeOnKafka('a group that shares out its partitions anew', 1, (kafka) => {
  let database: TestDatabase;
  let transport: KafkaOptions;
  let running: TestService[];
  let writer: TestService;

  const start = async (options: Partial<TestServiceOptions>): Promise<TestService> => {
    const service = await startService({ databaseUrl: database.url, transport, ...options });
    running.push(service);
    return service;
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    transport = kafkaOptions(kafka());
    running = [];
    writer = await start({ service: 'writer' });
  });
  afterEach(async () => {
    await Promise.allSettled(running.map((service) => service.stop()));
    await database.close();
  });

  const inOrderAndOnce = async (service: TestService, keys: readonly string[], count: number): Promise<void> => {
    const rows = await waitForEffects(service.db, keys.length * count, 60_000);
    for (const key of keys) {
      const views = rows.filter((row) => row.idea_id === key).map((row) => row.views);
      expect(views).toEqual(Array.from({ length: count }, (_, index) => index));
    }
    expect(await countRows(service.db, 'dead_letters')).toBe(0);
  };

  it('while members come and go in mid-stream: each event once, in the order of its key', async () => {
    const keys = ideas(12);
    const first = await start({ providers: [Observer], member: 'first' });
    let third = first;
    for (let views = 0; views < 30; views++) {
      await publish(
        writer,
        keys.map((ideaId) => ({ ideaId, views })),
      );
      if (views === 8) await start({ providers: [Observer], member: 'second' });
      if (views === 16) third = await start({ providers: [Observer], member: 'third' });
      if (views === 24) await first.stop();
    }
    await inOrderAndOnce(third, keys, 30);
  }, 120_000);

  it('because one is cut off in mid-handler: its late effect and the takeover make one effect', async () => {
    const script = new Script();
    const inside = new Gate();
    const mayGoOn = new Gate();
    script.after = async (event) => {
      if (event.data.views !== 2) return;
      inside.open();
      await mayGoOn.opened;
    };
    const ideaId = randomUUID();
    const line = cuttable(transport);
    await start({ providers: [Observer], member: 'zombie', script, transport: line.transport });
    await publish(
      writer,
      [0, 1, 2, 3, 4].map((views) => ({ ideaId, views })),
    );
    await inside.opened;
    line.cut();
    const second = await start({ providers: [Observer], member: 'second' });
    // The partition is the second's as soon as it gets past what the zombie has committed, or waits for what it has not.
    await publish(
      writer,
      ideas(20).map((other) => ({ ideaId: other, views: 0 })),
    );
    await waitFor(async () => (await effects(second.db)).some(({ member }) => member === 'second'), {
      timeoutMs: 30_000,
    });
    mayGoOn.open();
    const rows = await waitForEffects(second.db, 25, 60_000);
    expect(rows).toHaveLength(25);
    expect(rows.filter((row) => row.idea_id === ideaId).map(({ views }) => views)).toEqual([0, 1, 2, 3, 4]);
    expect(rows.filter((row) => row.idea_id === ideaId && row.views >= 2).map(({ member }) => member)).toEqual([
      'second',
      'second',
      'second',
    ]);
    expect(await countRows(second.db, 'dead_letters')).toBe(0);
  }, 120_000);

  it('not at all while a handler takes longer than a session: heartbeats go on', async () => {
    const script = new Script();
    const inside = new Gate();
    const mayGoOn = new Gate();
    let runs = 0;
    script.before = async () => {
      runs += 1;
      inside.open();
      await mayGoOn.opened;
    };
    const slow = await start({ providers: [Observer], script, tuning: { leaseMs: 1_000, heartbeatMs: 100 } });
    await publish(writer, [{ ideaId: randomUUID(), views: 1 }]);
    await inside.opened;
    const began = performance.now();
    await waitFor(() => performance.now() - began > 3_500, { timeoutMs: 10_000 });
    mayGoOn.open();
    await waitForEffects(slow.db, 1);
    expect(runs).toBe(1);
  }, 60_000);
});
