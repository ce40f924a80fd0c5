import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import * as Sentry from '@sentry/nestjs';
import { liveContext } from '../lifecycle/startup-context.js';
import { Redaction } from '../logging/redaction.js';
import type { ObservabilityOptions } from '../observability.options.js';
import { attributeNames } from '../semconv.js';
import type { ErrorContext } from './error-reporter.js';
import { ReportRate } from './report-rate.js';
import { boundedTransport, dropReason } from './sentry-transport.js';
import type { BoundedTransport } from './sentry-transport.js';
import type { ErrorSink, ErrorSinkDrop } from './sentry.js';

const DEFAULT_EVENTS_PER_SECOND = 10;
/** Longer than this the shutdown does not wait for Sentry (milliseconds). */
const LAST_WAIT_MS = 2_000;

/**
 * Of Sentry's default integrations only those that describe errors. The others (Nest, Fastify, Http, NodeFetch, ...) open spans,
 * start traces of their own or add headers to requests: tracing is OpenTelemetry's here. Those for uncaught errors are left out
 * too: such an error is reported where the shutdown begins, once. `FunctionToString` is for wrappers that Sentry does not make here,
 * and replaces `Function.prototype.toString`, which Nest calls for every answer, by a slower one.
 */
const ERROR_INTEGRATIONS: ReadonlySet<string> = new Set([
  'InboundFilters',
  'EventFilters',
  'LinkedErrors',
  'ContextLines',
  'Context',
]);

/** Sends errors to Sentry, with the ids of the OpenTelemetry span that is active when they are captured. */
export function createSentrySink(
  options: ObservabilityOptions,
  dsn: string,
  onDrop: (reason: ErrorSinkDrop, count: number) => void,
): ErrorSink {
  const rate = new ReportRate(options.sentryEventsPerSecond ?? DEFAULT_EVENTS_PER_SECOND);
  const transport = boundedTransport(onDrop);
  initialise(options, dsn, transport);
  countDropsOfClient(onDrop);
  let closed = false;
  return {
    capture: (error, about) => {
      if (closed) onDrop('shutdown', 1);
      else if (!rate.take()) onDrop('rate', 1);
      else {
        const untraced = suppressTracing(liveContext());
        context.with(untraced, () => Sentry.captureException(error, { tags: tagsOf(about) }));
      }
    },
    close: async (deadlineMs) => {
      if (closed) return;
      closed = true;
      await Sentry.close(Math.min(deadlineMs, LAST_WAIT_MS));
      if (transport.pending() > 0) onDrop('shutdown', transport.pending());
    },
  };
}

/** What the client drops before it comes to the transport: it has a queue of its own. */
function countDropsOfClient(onDrop: (reason: ErrorSinkDrop, count: number) => void): void {
  const client = Sentry.getClient();
  if (client === undefined) return;
  const record = client.recordDroppedEvent.bind(client);
  client.recordDroppedEvent = (reason, category, count) => {
    record(reason, category, count);
    if (category === 'error') onDrop(dropReason(reason), count ?? 1);
  };
}

function initialise(options: ObservabilityOptions, dsn: string, transport: BoundedTransport): void {
  const { serviceName, version, environment } = options;
  const redaction = new Redaction(options);
  // No tracesSampleRate: with one, Sentry would record transactions beside the OpenTelemetry spans.
  Sentry.init({
    dsn,
    ...(version === undefined ? {} : { release: `${serviceName}@${version}` }),
    ...(environment === undefined ? {} : { environment }),
    transport: transport.create,
    // The hook that makes Sentry's instrumentation of other modules possible: there is none to serve.
    enableRuntimeChannelInjection: false,
    integrations: (defaults) => [
      ...defaults.filter(({ name }) => ERROR_INTEGRATIONS.has(name)),
      Sentry.openTelemetryIntegration(),
    ],
    initialScope: { tags: { service: serviceName, [attributeNames.serviceName]: serviceName } },
    beforeSend: (event, hint) => {
      hint.attachments = [];
      return scrub(event, redaction);
    },
    beforeBreadcrumb: () => null,
  });
}

function tagsOf(context: ErrorContext | undefined): Record<string, string> {
  return {
    ...(context ? { kind: context.kind } : {}),
    ...(context?.name === undefined ? {} : { source: context.name }),
  };
}

/** Nothing that names a person, no values of variables, and no text that was not redacted, leaves the process. */
function scrub(event: Sentry.ErrorEvent, redaction: Redaction): Sentry.ErrorEvent {
  const scrubbed = redaction.value(event) as Sentry.ErrorEvent;
  delete scrubbed.user;
  delete scrubbed.request;
  delete scrubbed.breadcrumbs;
  for (const exception of scrubbed.exception?.values ?? []) {
    for (const frame of exception.stacktrace?.frames ?? []) delete frame.vars;
  }
  return scrubbed;
}
