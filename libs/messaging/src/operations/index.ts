export { prepareTopics } from './broker.js';
export { abortCutOver, cutOver, CutOverError } from './cut-over.js';
export type { CutOverOptions } from './cut-over.js';
export type { DeclaredTopic } from '../transport/kafka/kafka.names.js';
export type { TopicReport } from '../transport/kafka/kafka.topics.js';
export { failpointNames } from '../failpoints/failpoints.js';
export type { FailpointName } from '../failpoints/failpoints.js';
