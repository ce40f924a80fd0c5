import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { openKafka } from '../src/transport/kafka/kafka.client.js';
import { describeOnKafka } from './kafka-describe.js';
import { kafkaOptions } from './kafka-support.js';

describeOnKafka('a connection with nothing to do', 1, (kafka) => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('sets hardly any timers', async () => {
    const client = openKafka(kafkaOptions(kafka()), 'spec', () => undefined);
    const admin = client.admin();
    await admin.connect();
    try {
      await admin.ping();
      const timers = jest.spyOn(globalThis, 'setTimeout');
      await sleep(2_000);
      // Left alone, kafkajs sets one each millisecond that the machine has for it.
      expect(timers.mock.calls.length).toBeLessThan(10);
    } finally {
      await admin.close();
    }
  });
});
