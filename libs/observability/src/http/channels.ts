import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { diag } from '@opentelemetry/api';

export type ChannelHandlers = Readonly<Record<string, (message: Readonly<Record<string, unknown>>) => void>>;

/**
 * Listens to diagnostics channels. What a listener throws would end the process, so it only is told to OpenTelemetry's own log.
 *
 * @returns a function that ends it.
 */
export function listenTo(handlers: ChannelHandlers): () => void {
  const listeners = Object.entries(handlers).map(([channel, handler]) => {
    const listener = (message: unknown): void => {
      if (!isRecord(message)) return;
      try {
        handler(message);
      } catch (error) {
        diag.error(`listener of ${channel} failed`, error);
      }
    };
    return { channel, listener };
  });
  for (const { channel, listener } of listeners) subscribe(channel, listener);
  return () => {
    for (const { channel, listener } of listeners) unsubscribe(channel, listener);
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
