import type { Type } from '@nestjs/common';
import { ClientKafka } from '@nestjs/microservices';
import type {
  ClientProxy,
  CustomClientOptions,
  KafkaOptions,
  OutgoingEvent,
  ReadPacket,
  Serializer,
  WritePacket,
} from '@nestjs/microservices';
import { SpanKind, context, createContextKey, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { liveContext } from '../lifecycle/startup-context.js';
import { attributeNames } from '../semconv.js';
import { failSpan, openSpan, runInSpan } from '../tracing/span.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { activeContextHeaders } from './message-headers.js';
import { outsideOfTraces } from './message-processing.js';

type Options = Required<KafkaOptions>['options'];
type Reply = (packet: WritePacket) => unknown;

/** Marks the context in which the messages of a batch are serialised; its value is their topic. */
const BATCH_TOPIC = createContextKey('@signalpress/observability:batch-topic');

/**
 * Options for `ClientsModule` of a Kafka client whose messages carry the trace they are sent in:
 *
 *     ClientsModule.register([{ name: 'ORDERS', ...tracedKafkaClient({ client: { brokers } }) }])
 */
export function tracedKafkaClient(options: Options): CustomClientOptions {
  // Nest declares the status of a custom client as any string, which its own Kafka client's is not.
  const customClass: Type<object> = TracedClientKafka;
  return { customClass: customClass as Type<ClientProxy>, options };
}

/**
 * Nest's Kafka client with a PRODUCER span `publish <topic>` per message. `emit` ends it when the broker has the message, `send`
 * when the reply is complete. A batch is one CLIENT span with a PRODUCER span `create <topic>` per message below it.
 */
@NotTraced()
export class TracedClientKafka extends ClientKafka {
  /** The consumer of replies outlives the call that happens to be the first: it belongs to no trace. */
  override connect(): ReturnType<ClientKafka['connect']> {
    return outsideOfTraces(() => super.connect());
  }

  protected override initializeSerializer(options: KafkaOptions['options']): void {
    super.initializeSerializer(options);
    this.serializer = withTraceHeaders(this.serializer);
  }

  protected override dispatchEvent(packet: OutgoingEvent): Promise<unknown> {
    const topic = this.topicOf(packet);
    const { span, inside } = openPublish(topic, SpanKind.PRODUCER);
    return runInSpan(span, inside, async () => {
      const sent: unknown = await super.dispatchEvent(packet);
      span.setAttributes(placeOf(sent));
      return sent;
    });
  }

  protected override dispatchBatchEvent(packets: ReadPacket<{ messages: unknown[] }>): Promise<unknown> {
    const count = packets.data.messages.length;
    if (count === 0) return super.dispatchBatchEvent(packets);
    const topic = this.topicOf(packets);
    const { span, inside } = openPublish(topic, SpanKind.CLIENT, {
      [attributeNames.messagingBatchMessageCount]: count,
    });
    return runInSpan(span, inside.setValue(BATCH_TOPIC, topic), () => super.dispatchBatchEvent(packets));
  }

  private topicOf({ pattern }: ReadPacket): string {
    return this.normalizePattern(pattern as string);
  }

  protected override publish(packet: ReadPacket, callback: Reply): () => void {
    const caller = context.active();
    const { span, inside } = openPublish(this.topicOf(packet), SpanKind.PRODUCER);
    let open = true;
    const close = (error?: unknown): void => {
      if (!open) return;
      open = false;
      if (error === undefined || error === null) span.end();
      else failSpan(span, error);
    };
    const onReply: Reply = (reply) => {
      if (reply.err || reply.isDisposed) close(reply.err);
      // Replies arrive in the consumer's loop; who waits for them goes on in its own trace.
      return context.with(caller, () => callback(reply));
    };
    const forget = context.with(inside, () => super.publish(packet, onReply));
    return () => {
      close();
      forget();
    };
  }
}

function openPublish(topic: string, kind: SpanKind, more: Attributes = {}): { span: Span; inside: Context } {
  const parent = liveContext();
  const span = openSpan(
    `publish ${topic}`,
    { kind, attributes: { ...attributesOf(topic, 'publish', 'send'), ...more } },
    parent,
  );
  return { span, inside: trace.setSpan(parent, span) };
}

function attributesOf(topic: string, name: string, type: string): Attributes {
  return {
    [attributeNames.messagingSystem]: 'kafka',
    [attributeNames.messagingDestinationName]: topic,
    [attributeNames.messagingOperationName]: name,
    [attributeNames.messagingOperationType]: type,
  };
}

/** Where the broker put a single message. */
function placeOf(sent: unknown): Attributes {
  const [record] = Array.isArray(sent) ? (sent as unknown[]) : [];
  if (typeof record !== 'object' || record === null) return {};
  const partition: unknown = Reflect.get(record, 'partition');
  const offset: unknown = Reflect.get(record, 'baseOffset');
  return {
    ...(typeof partition === 'number' ? { [attributeNames.messagingDestinationPartitionId]: String(partition) } : {}),
    ...(typeof offset === 'string' ? { [attributeNames.messagingKafkaOffset]: Number(offset) } : {}),
  };
}

/** The serialiser of the client, whose messages get the headers of the context that is active when it is called. */
function withTraceHeaders(inner: Serializer<unknown, unknown>): Serializer<unknown, unknown> {
  return {
    serialize: (value, options) => {
      const headers = contextHeaders();
      const serialized = inner.serialize(value, options);
      return serialized instanceof Promise
        ? serialized.then((message: unknown) => addHeaders(message, headers))
        : addHeaders(serialized, headers);
    },
  };
}

function contextHeaders(): Record<string, string> {
  const active = context.active();
  const topic = active.getValue(BATCH_TOPIC);
  if (typeof topic !== 'string') return activeContextHeaders();
  const span = openSpan(
    `create ${topic}`,
    { kind: SpanKind.PRODUCER, attributes: attributesOf(topic, 'create', 'create') },
    active,
  );
  const headers = context.with(trace.setSpan(active, span), activeContextHeaders);
  span.end();
  return headers;
}

/** A copy: the application may hold on to its message, and send it again. */
function addHeaders(message: unknown, headers: Record<string, string>): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const own: unknown = 'headers' in message ? message.headers : undefined;
  return { ...message, headers: { ...(typeof own === 'object' ? own : {}), ...headers } };
}
