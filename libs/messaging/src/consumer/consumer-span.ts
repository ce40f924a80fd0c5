import { SpanKind } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { semconv, withSpan } from '@signalpress/observability';
import type { MessagingSettings } from '../messaging.options.js';
import { continuation, traceOf } from '../trace/continuation.js';
import type { Delivery } from '../transport/transport.js';

/** Runs `work` in the consumer span of this event, which goes on with the trace of its producer. */
export function inConsumerSpan<T>(
  delivery: Delivery,
  { service, tuning }: MessagingSettings,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { envelope, type } = delivery;
  const id = typeof envelope === 'object' && envelope !== null && 'id' in envelope ? envelope.id : undefined;
  const attributes = {
    ...delivery.attributes,
    [semconv.attributeNames.messagingDestinationName]: type,
    [semconv.attributeNames.messagingOperationName]: 'process',
    [semconv.attributeNames.messagingOperationType]: 'process',
    [semconv.attributeNames.messagingConsumerGroupName]: service,
    ...(typeof id === 'string' ? { [semconv.attributeNames.messagingMessageId]: id } : {}),
  };
  const goesOn = continuation(traceOf(envelope), delivery.waitedMs(), tuning.traceWaitMs);
  return withSpan(`process ${type}`, attributes, work, { kind: SpanKind.CONSUMER, ...goesOn });
}
