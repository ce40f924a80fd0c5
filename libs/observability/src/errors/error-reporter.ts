import { Injectable } from '@nestjs/common';
import type { Logger } from '../logging/logger.js';
import type { CounterInstrument } from '../metrics/instruments.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import type { ErrorSink } from './sentry.js';
import { isExpected, normalizeError } from './service-error.js';

export type ErrorKind = 'http' | 'message' | 'job' | 'cron' | 'startup';

export interface ErrorContext {
  readonly kind: ErrorKind;
  /** Route, topic, job or task. */
  readonly name?: string;
}

/**
 * One error, one report, however many layers see it pass. Keyed by the error alone: where two applications share the process,
 * they share Nest's static logger, which hands the errors of both to one of them.
 */
const reported = new WeakSet();

/** The one place that unexpected errors go to: an error line, a metric, and Sentry when it is configured. */
@Injectable()
@NotTraced()
export class ErrorReporter {
  constructor(
    private readonly logger: Logger,
    private readonly sink: ErrorSink,
    private readonly counter: CounterInstrument<'kind'>,
  ) {}

  /** Reports what was thrown, unless it is expected (an answer) or was reported before. Never throws. */
  report(thrown: unknown, context?: ErrorContext): void {
    if (isExpected(thrown)) return;
    if (typeof thrown === 'object' && thrown !== null) {
      if (reported.has(thrown)) return;
      reported.add(thrown);
    }
    const error = normalizeError(thrown);
    this.counter.inc({ kind: context?.kind ?? 'other' });
    this.logger.error(`unexpected error: ${error.message}`, error, {
      ...(context ? { error_kind: context.kind } : {}),
      ...(context?.name === undefined ? {} : { error_source: context.name }),
    });
    try {
      this.sink.capture(error, context);
    } catch (failure) {
      this.logger.warn('the error could not be sent to Sentry', { err: failure });
    }
  }
}
