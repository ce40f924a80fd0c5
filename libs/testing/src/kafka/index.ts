export { KafkaBroker } from './kafka.broker.js';
export { kafkaIn, kafkaUnavailable, startKafka, stopKafka } from './kafka.cluster.js';
export type { Kafka, KafkaOptions } from './kafka.cluster.js';
export { KAFKA_VERSION, kafkaJars, KafkaUnavailableError } from './kafka.jars.js';
export type { BrokerPlace, ExtraProperties, KafkaUser } from './kafka.properties.js';
export { securedListener } from './kafka.secured.js';
export type { SecuredListener } from './kafka.secured.js';
