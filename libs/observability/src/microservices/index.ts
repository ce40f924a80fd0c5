export type { MessageRelation } from './message-processing.js';
export { propagateContext } from './propagate-context.js';
export { connectTraced, traceMicroservice } from './trace-microservice.js';
export type { ConnectTracedOptions, TraceMicroserviceOptions } from './trace-microservice.js';
export { TracedClientKafka, tracedKafkaClient } from './traced-client-kafka.js';
