import type { DestinationStream } from 'pino';
import type { RedactionOptions } from './logging/redaction.js';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface ObservabilityOptions extends RedactionOptions {
  /** `service` in every log line and `service` tag of every reported error. */
  readonly serviceName: string;
  /** Release of the service. */
  readonly version?: string;
  /** Default: info. */
  readonly logLevel?: LogLevel;
  /** With a token, `/metrics` answers only to `Authorization: Bearer <token>`. */
  readonly metricsToken?: string;
  /** With a DSN, unexpected errors go to Sentry; without one, Sentry is not loaded. */
  readonly sentryDsn?: string;
  /** Most errors that go to Sentry per second, on average; the others are counted and logged. Default: 10. */
  readonly sentryEventsPerSecond?: number;
  /** Deployment environment of reported errors. */
  readonly environment?: string;
  /** Pause between two runs of a health check while somebody asks, in milliseconds. Default: 1000. */
  readonly healthRefreshMs?: number;
  /** One deadline for the whole shutdown, in milliseconds. Default: 10000. */
  readonly shutdownDeadlineMs?: number;
  /** Where log lines go. Default: stdout. */
  readonly logDestination?: DestinationStream;
  /**
   * Requests that are left out of traces, request lines and durations, beside `/metrics` and `/health`. A text stands for that path
   * and everything below it, a pattern is tested against the path without the query.
   */
  readonly ignoreRoutes?: readonly (string | RegExp)[];
  /** One line per request. Default: true. */
  readonly requestLog?: boolean;
  /** The histogram of request durations. Default: true. */
  readonly httpMetrics?: boolean;
}

/** Injection token of the options. */
export const OBSERVABILITY_OPTIONS = Symbol('@signalpress/observability:options');
