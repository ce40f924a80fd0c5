import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { kafkaUnavailable, startKafka } from '@signalpress/testing/kafka';
import type { Kafka } from '@signalpress/testing/kafka';
import { kafkaFixture } from './kafka-support.js';
import { describeTransportContract } from './transport-contract.js';

const unavailable = kafkaUnavailable();

if (unavailable === undefined) {
  describe('on one broker', () => {
    let kafka: Kafka;

    beforeAll(async () => {
      kafka = await startKafka();
    }, 120_000);
    afterAll(() => kafka.stop());

    describeTransportContract('kafka', () => kafkaFixture(kafka));
  });
} else {
  describe('transport kafka', () => {
    it.skip(`all of the contract: ${unavailable}`, () => undefined);
  });
}
