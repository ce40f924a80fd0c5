import type { DestinationStream } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface ObservabilityOptions {
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
  /** Deployment environment of reported errors. */
  readonly environment?: string;
  /** One deadline for the whole shutdown, in milliseconds. Default: 10000. */
  readonly shutdownDeadlineMs?: number;
  /** Where log lines go. Default: stdout. */
  readonly logDestination?: DestinationStream;
}

/** Injection token of the options. */
export const OBSERVABILITY_OPTIONS = Symbol('@signalpress/observability:options');
