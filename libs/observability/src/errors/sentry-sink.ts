import * as Sentry from '@sentry/nestjs';
import { redactValue } from '../logging/redaction.js';
import type { ObservabilityOptions } from '../observability.options.js';
import { attributeNames } from '../semconv.js';
import type { ErrorContext } from './error-reporter.js';
import type { ErrorSink } from './sentry.js';

/**
 * Of Sentry's default integrations only those that describe or catch errors. The others (Nest, Fastify, Http, NodeFetch, ...) open
 * spans, start traces of their own or add headers to requests: tracing is OpenTelemetry's here.
 */
const ERROR_INTEGRATIONS: ReadonlySet<string> = new Set([
  'InboundFilters',
  'EventFilters',
  'FunctionToString',
  'LinkedErrors',
  'ContextLines',
  'Context',
  'OnUncaughtException',
  'OnUnhandledRejection',
]);

/** Sends errors to Sentry, with the ids of the OpenTelemetry span that is active when they are captured. */
export function createSentrySink(options: ObservabilityOptions, dsn: string): ErrorSink {
  const { serviceName, version, environment } = options;
  // No tracesSampleRate: with one, Sentry would record transactions beside the OpenTelemetry spans.
  Sentry.init({
    dsn,
    ...(version === undefined ? {} : { release: `${serviceName}@${version}` }),
    ...(environment === undefined ? {} : { environment }),
    // The hook that makes Sentry's instrumentation of other modules possible: there is none to serve.
    enableRuntimeChannelInjection: false,
    integrations: (defaults) => [
      ...defaults.filter(({ name }) => ERROR_INTEGRATIONS.has(name)),
      Sentry.openTelemetryIntegration(),
    ],
    initialScope: { tags: { service: serviceName, [attributeNames.serviceName]: serviceName } },
    beforeSend: scrub,
    beforeBreadcrumb: () => null,
  });
  return {
    capture: (error, context) => {
      Sentry.captureException(error, { tags: tagsOf(context) });
    },
    close: async (deadlineMs) => {
      await Sentry.close(deadlineMs);
    },
  };
}

function tagsOf(context: ErrorContext | undefined): Record<string, string> {
  return {
    ...(context ? { kind: context.kind } : {}),
    ...(context?.name === undefined ? {} : { source: context.name }),
  };
}

/** Nothing that names a person, and no text that was not redacted, leaves the process. */
function scrub(event: Sentry.ErrorEvent): Sentry.ErrorEvent {
  const scrubbed = redactValue(event) as Sentry.ErrorEvent;
  delete scrubbed.user;
  delete scrubbed.request;
  return scrubbed;
}
