import type { ErrorContext } from './error-reporter.js';
import type { ObservabilityOptions } from '../observability.options.js';

/**
 * Why an error was not sent: more than the rate, too many under way, no connection, refused by the server, the server asked to
 * wait, or too late in the shutdown.
 */
export type ErrorSinkDrop = 'rate' | 'queue-full' | 'network' | 'refused' | 'backoff' | 'shutdown' | 'other';

/** Where unexpected errors are sent besides the log. */
export interface ErrorSink {
  capture(error: Error, context?: ErrorContext): void;
  /** Waits until what was captured is sent, at most this long; nothing is sent after that. */
  close(deadlineMs: number): Promise<void>;
}

const nowhere: ErrorSink = Object.freeze({ capture: () => undefined, close: () => Promise.resolve() });

/** Sentry when there is a DSN; nothing is loaded without one. */
export async function createErrorSink(
  options: ObservabilityOptions,
  onDrop: (reason: ErrorSinkDrop, count: number) => void = () => undefined,
): Promise<ErrorSink> {
  if (!options.sentryDsn) return nowhere;
  const { createSentrySink } = await import('./sentry-sink.js');
  return createSentrySink(options, options.sentryDsn, onDrop);
}
