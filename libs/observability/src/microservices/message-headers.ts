import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import type { Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import { httpPropagator } from '../http/http-propagation.js';

/** Headers as some broker has them: strings, bytes, lists of either. */
export type MessageHeaders = Readonly<Record<string, unknown>>;

/** Kafka and AMQP hand headers over as bytes; a repeated one is a list, of which the last counts. */
const getter: TextMapGetter<MessageHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, key) => {
    const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
    return textOf(Array.isArray(value) ? (value.at(-1) as unknown) : value);
  },
};

const setter: TextMapSetter<Record<string, string>> = {
  set: (carrier, key, value) => {
    carrier[key] = value;
  },
};

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined;
}

/**
 * The context that a message was sent in; the root context where its headers hold none. What is active does not matter: that is
 * the consumer's loop, which inherited it from whatever started it.
 */
export function contextOfMessage(headers: MessageHeaders): Context {
  return httpPropagator().extract(ROOT_CONTEXT, headers, getter);
}

/** The headers that carry the active context; none outside of any trace. */
export function activeContextHeaders(): Record<string, string> {
  const carrier: Record<string, string> = {};
  httpPropagator().inject(context.active(), carrier, setter);
  return carrier;
}
