import { expect, it } from '@jest/globals';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeOnKafka } from './kafka-describe.js';
import { kafkaFixture, kafkaOptions } from './kafka-support.js';
import { Observer, countRows, ideas, publish, startService, waitForEffects } from './test-service.js';
import { describeTransportContract } from './transport-contract.js';

const ROUNDS = 60;

describeOnKafka('three brokers', 3, (kafka) => {
  describeTransportContract('kafka', () => kafkaFixture(kafka()));

  it('lose nothing, double nothing and keep the order when one is killed in mid-stream', async () => {
    const database = await createTestDatabase();
    const transport = kafkaOptions(kafka());
    const writer = await startService({ databaseUrl: database.url, service: 'writer', transport });
    const reader = await startService({
      databaseUrl: database.url,
      service: 'reader',
      transport,
      providers: [Observer],
    });
    try {
      const keys = ideas(10);
      let killed: Promise<void> | undefined;
      for (let views = 0; views < ROUNDS; views++) {
        await publish(
          writer,
          keys.map((ideaId) => ({ ideaId, views })),
        );
        if (views === ROUNDS / 3) {
          await waitForEffects(reader.db, keys.length, 60_000);
          killed = kafka().stopBroker(1, 'SIGKILL');
        }
        await sleep(30);
      }
      await killed;
      const rows = await waitForEffects(reader.db, ROUNDS * keys.length, 90_000);
      expect(rows).toHaveLength(ROUNDS * keys.length);
      for (const key of keys) {
        const seen = rows.filter((row) => row.idea_id === key).map((row) => row.views);
        expect(seen).toEqual(Array.from({ length: ROUNDS }, (_, views) => views));
      }
      expect(await countRows(reader.db, 'dead_letters')).toBe(0);
      await kafka().startBroker(1);
    } finally {
      await Promise.allSettled([writer.stop(), reader.stop()]);
      await database.close();
    }
  }, 240_000);
});
