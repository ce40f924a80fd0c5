import { ROOT_CONTEXT, SpanKind, context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Attributes, Context, Link, Span } from '@opentelemetry/api';
import { attributeNames } from '../semconv.js';
import { failSpan, openSpan } from '../tracing/span.js';
import { contextOfMessage } from './message-headers.js';
import type { ReceivedMessage } from './received-message.js';

/** How the work on a message belongs to the trace that sent it: as a part of it, or as a new trace that points at it. */
export type MessageRelation = 'child' | 'link';

const OPERATION = 'process';

/** The work on one message: its span, open until the handler has answered and its stream is over. */
export class MessageProcessing {
  private readonly inside: Context;
  private readonly span: Span;
  private failure: { readonly error: unknown } | undefined;
  private waitingFor = 2;

  constructor(
    readonly message: ReceivedMessage,
    relation: MessageRelation,
    consumerGroup: string | undefined,
  ) {
    const sender = contextOfMessage(message.headers);
    const base = relation === 'child' ? sender : trace.deleteSpan(sender);
    const options = { kind: SpanKind.CONSUMER, attributes: attributesOf(message, consumerGroup) };
    const links = relation === 'child' ? [] : linksTo(sender);
    this.span = openSpan(
      `${OPERATION} ${message.destination}`,
      links.length > 0 ? { ...options, links } : options,
      base,
    );
    this.inside = trace.setSpan(base, this.span);
  }

  /** Runs with this message's span active, and without anything that the consumer's loop had. */
  run<T>(work: () => T): T {
    return context.with(this.inside, work);
  }

  /** What went wrong. The first one counts: what comes later is how Nest answers it. */
  fail(error: unknown): void {
    this.failure ??= { error };
  }

  /** Called when the handler has answered and when its stream is over, in whichever order. */
  settle(): void {
    this.waitingFor -= 1;
    if (this.waitingFor !== 0) return;
    if (this.failure) failSpan(this.span, this.failure.error);
    else this.span.end();
  }
}

function linksTo(sender: Context): Link[] {
  const spanContext = trace.getSpanContext(sender);
  return spanContext && isSpanContextValid(spanContext) ? [{ context: spanContext }] : [];
}

function attributesOf(message: ReceivedMessage, consumerGroup: string | undefined): Attributes {
  const attributes: Attributes = {
    ...message.attributes,
    [attributeNames.messagingSystem]: message.system,
    [attributeNames.messagingDestinationName]: message.destination,
    [attributeNames.messagingOperationName]: OPERATION,
    [attributeNames.messagingOperationType]: OPERATION,
  };
  if (consumerGroup !== undefined) attributes[attributeNames.messagingConsumerGroupName] = consumerGroup;
  return attributes;
}

/** Runs outside of any trace: for loops and connections that outlive the call that opens them. */
export function outsideOfTraces<T>(work: () => T): T {
  return context.with(ROOT_CONTEXT, work);
}
