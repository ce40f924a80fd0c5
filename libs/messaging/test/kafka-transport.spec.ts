import { describeOnKafka } from './kafka-describe.js';
import { kafkaFixture } from './kafka-support.js';
import { describeTransportContract } from './transport-contract.js';

describeOnKafka('on one broker', 1, (kafka) => {
  describeTransportContract('kafka', () => kafkaFixture(kafka()));
});
