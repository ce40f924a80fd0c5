import { KafkaContext, MqttContext, NatsContext, RedisContext, RmqContext, TcpContext } from '@nestjs/microservices';
import type { Attributes } from '@opentelemetry/api';
import { attributeNames } from '../semconv.js';
import type { MessageHeaders } from './message-headers.js';

/** What a transport's context tells about the message it came with. */
export interface ReceivedMessage {
  readonly system: string;
  /** Topic, subject, channel or pattern. */
  readonly destination: string;
  readonly headers: MessageHeaders;
  readonly attributes?: Attributes;
}

const NO_HEADERS: MessageHeaders = Object.freeze({});

/** Undefined for a context of another kind (gRPC, a strategy of your own): nothing is known of its message. */
export function receivedMessage(rpcContext: unknown): ReceivedMessage | undefined {
  if (rpcContext instanceof KafkaContext) return ofKafka(rpcContext);
  if (rpcContext instanceof RmqContext) {
    const headers = at(at(rpcContext.getMessage(), 'properties'), 'headers');
    return { system: 'rabbitmq', destination: rpcContext.getPattern(), headers: asHeaders(headers) };
  }
  if (rpcContext instanceof NatsContext) {
    return { system: 'nats', destination: rpcContext.getSubject(), headers: ofNats(rpcContext.getHeaders()) };
  }
  if (rpcContext instanceof MqttContext) {
    const headers = at(at(rpcContext.getPacket(), 'properties'), 'userProperties');
    return { system: 'mqtt', destination: rpcContext.getTopic(), headers: asHeaders(headers) };
  }
  if (rpcContext instanceof RedisContext) {
    return { system: 'redis', destination: rpcContext.getChannel(), headers: asHeaders(rpcContext.getMetadata()) };
  }
  if (rpcContext instanceof TcpContext) {
    return { system: 'tcp', destination: rpcContext.getPattern(), headers: asHeaders(rpcContext.getMetadata()) };
  }
  return undefined;
}

function ofKafka(rpcContext: KafkaContext): ReceivedMessage {
  const message = rpcContext.getMessage();
  return {
    system: 'kafka',
    destination: rpcContext.getTopic(),
    headers: asHeaders(message.headers),
    attributes: {
      [attributeNames.messagingDestinationPartitionId]: String(rpcContext.getPartition()),
      [attributeNames.messagingKafkaOffset]: Number(message.offset),
    },
  };
}

/** NATS has headers of its own class, with `keys()` and `get()`. */
function ofNats(headers: unknown): MessageHeaders {
  const [keys, get] = [at(headers, 'keys'), at(headers, 'get')];
  if (typeof keys !== 'function' || typeof get !== 'function') return NO_HEADERS;
  const names = Reflect.apply(keys, headers, []) as Iterable<string>;
  return Object.fromEntries([...names].map((name) => [name, Reflect.apply(get, headers, [name]) as unknown]));
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, key) as unknown) : undefined;
}

function asHeaders(value: unknown): MessageHeaders {
  return typeof value === 'object' && value !== null ? (value as MessageHeaders) : NO_HEADERS;
}
