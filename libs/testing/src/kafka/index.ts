export { KafkaBroker } from './kafka.broker.js';
export { kafkaIn, kafkaUnavailable, startKafka, stopKafka } from './kafka.cluster.js';
export type { Kafka, KafkaOptions } from './kafka.cluster.js';
export { KAFKA_VERSION, KafkaUnavailableError } from './kafka.jars.js';
export type { BrokerPlace, ExtraProperties } from './kafka.properties.js';
