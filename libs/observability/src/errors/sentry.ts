import type { ErrorContext } from './error-reporter.js';
import type { ObservabilityOptions } from '../observability.options.js';

/** Where unexpected errors are sent besides the log. */
export interface ErrorSink {
  capture(error: Error, context?: ErrorContext): void;
  /** Waits until what was captured is sent, at most this long; nothing is sent after that. */
  close(deadlineMs: number): Promise<void>;
}

const nowhere: ErrorSink = Object.freeze({ capture: () => undefined, close: () => Promise.resolve() });

/** Sentry when there is a DSN; nothing is loaded without one. */
export async function createErrorSink(options: ObservabilityOptions): Promise<ErrorSink> {
  if (!options.sentryDsn) return nowhere;
  const { createSentrySink } = await import('./sentry-sink.js');
  return createSentrySink(options, options.sentryDsn);
}
