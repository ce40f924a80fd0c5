import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@signalpress/testing';
import type { ReceivedMessage } from '../src/transport/kafka/kafka.message.js';
import type { ConsumerEvents } from '../src/transport/kafka/kafka.seat.js';
import { KafkaSubscriber } from '../src/transport/kafka/kafka.subscriber.js';
import { quick } from './test-service.js';

const LONG_MS = 600_000;

/** The client's loop asks for room before each fetch; here a spec asks, and says what is fetched. */
describe('the pace of fetches', () => {
  let subscriber: KafkaSubscriber;
  let client: ConsumerEvents | undefined;
  let begun: (() => void)[];

  beforeEach(async () => {
    client = undefined;
    begun = [];
    subscriber = new KafkaSubscriber({
      options: { kind: 'kafka', brokers: [], topicPrefix: '', partitions: 2, replicationFactor: 1 },
      subscription: {
        group: 'spec',
        types: new Set(['listings.observed']),
        process: async (deliveries) => {
          await new Promise<void>((resolve) => begun.push(resolve));
          return deliveries.length;
        },
        onFault: () => undefined,
      },
      tuning: { ...quick, leaseMs: LONG_MS },
      open: (_, events) =>
        Promise.resolve({
          start: () => {
            events.joined({ 'listings.observed': [0, 1] });
            client = events;
            return Promise.resolve();
          },
          commit: () => Promise.resolve(),
          pause: () => undefined,
          resume: () => undefined,
          seek: () => undefined,
          close: () => Promise.resolve(),
        }),
      counts: { rebalanced: () => undefined, committed: () => undefined },
    });
    subscriber.start();
    await waitFor(() => client !== undefined);
  });
  afterEach(async () => {
    const closed = subscriber.close(AbortSignal.timeout(1_000));
    settle();
    await closed;
  });

  /** Lets the transactions that have begun end. */
  const settle = (): void => {
    for (const end of begun.splice(0)) end();
  };
  const fetched = (partition: number, first: number, count: number): void => {
    const messages = Array.from({ length: count }, (_, index): ReceivedMessage => {
      return { offset: BigInt(first + index), value: '{}', headers: {}, bytes: 100 };
    });
    expect(client?.fetched({ topic: 'listings.observed', partition }, messages)).toBe(true);
  };
  /** Whether there is room at once. */
  const hasRoom = async (): Promise<boolean> => {
    let resolved = false;
    void client?.room(LONG_MS).then(() => (resolved = true));
    await setImmediate();
    return resolved;
  };

  it('does not hold back what nobody has enough of', async () => {
    expect(await hasRoom()).toBe(true);
    fetched(0, 0, 3);
    expect(await hasRoom()).toBe(true);
  });

  it('waits while all have enough to do, until one of them has not', async () => {
    fetched(0, 0, 130);
    fetched(1, 0, 130);
    let resolved = false;
    void client?.room(LONG_MS).then(() => (resolved = true));
    await sleep(50);
    expect(resolved).toBe(false);
    await waitFor(() => begun.length === 2);
    settle();
    await waitFor(() => resolved);
  });

  it('goes on at once for one that is nearly through, and soon for one that has had nothing', async () => {
    fetched(0, 0, 130);
    expect(await hasRoom()).toBe(false);
    await client?.room(LONG_MS);
    fetched(1, 0, 3);
    expect(await hasRoom()).toBe(true);
  });
});
