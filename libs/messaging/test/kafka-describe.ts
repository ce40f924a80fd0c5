import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { kafkaUnavailable, startKafka } from '@signalpress/testing/kafka';
import type { Kafka, KafkaOptions } from '@signalpress/testing/kafka';

const unavailable = kafkaUnavailable();

/** A suite on brokers of its own; where none can be had it says what it skips, and with `REQUIRE_KAFKA=1` it fails. */
export function describeOnKafka(
  name: string,
  brokers: 1 | 3,
  suite: (kafka: () => Kafka) => void,
  options: () => Promise<Pick<KafkaOptions, 'properties' | 'scramUsers'>> = () => Promise.resolve({}),
): void {
  if (unavailable !== undefined) {
    describe(name, () => {
      it.skip(`all of it, on a real Kafka: ${unavailable}`, () => undefined);
    });
    return;
  }
  describe(name, () => {
    let kafka: Kafka | undefined;

    beforeAll(async () => {
      kafka = await startKafka({ brokers, ...(await options()) });
    }, 180_000);
    afterAll(() => kafka?.stop(), 60_000);

    suite(() => {
      if (kafka === undefined) throw new Error('Kafka has not started');
      return kafka;
    });
  });
}
