import { SpanKind } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { holdSpan, semconv, withSpan } from '@signalpress/observability';
import type { HeldSpan, SpanOptions } from '@signalpress/observability';
import type { MessagingSettings } from '../messaging.options.js';
import { continuation, traceOf } from '../trace/continuation.js';
import type { Delivery } from '../transport/transport.js';

/** Runs `work` in the consumer span of this event, which goes on with the trace of its producer. */
export function inConsumerSpan<T>(delivery: Delivery, settings: MessagingSettings, work: () => Promise<T>): Promise<T> {
  return withSpan(nameOf(delivery), attributesOf(delivery, settings), work, optionsOf(delivery, settings));
}

/** The same span, for whoever knows only later what became of the event. */
export function holdConsumerSpan(delivery: Delivery, settings: MessagingSettings): HeldSpan {
  return holdSpan(nameOf(delivery), () => attributesOf(delivery, settings), optionsOf(delivery, settings));
}

const nameOf = ({ type }: Delivery): string => `process ${type}`;

function attributesOf({ type, envelope, attributes }: Delivery, { service }: MessagingSettings): Attributes {
  const id = typeof envelope === 'object' && envelope !== null && 'id' in envelope ? envelope.id : undefined;
  return {
    ...attributes,
    [semconv.attributeNames.messagingDestinationName]: type,
    [semconv.attributeNames.messagingOperationName]: 'process',
    [semconv.attributeNames.messagingOperationType]: 'process',
    [semconv.attributeNames.messagingConsumerGroupName]: service,
    ...(typeof id === 'string' ? { [semconv.attributeNames.messagingMessageId]: id } : {}),
  };
}

function optionsOf(delivery: Delivery, { tuning }: MessagingSettings): SpanOptions {
  const goesOn = continuation(traceOf(delivery.envelope), delivery.waitedMs(), tuning.traceWaitMs);
  return { kind: SpanKind.CONSUMER, ...goesOn };
}
