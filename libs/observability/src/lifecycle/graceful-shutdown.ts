import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { context } from '@opentelemetry/api';
import { ErrorReporter } from '../errors/error-reporter.js';
import { Logger } from '../logging/logger.js';
import type { Telemetry } from '../tracing/configure-tracing.js';
import { statisticsOf } from '../tracing/export/span-statistics.js';
import { Lifecycle } from './lifecycle.js';
import { contextOfFailure } from './startup-context.js';

export interface DrainOptions {
  /**
   * How long everything is still served after readiness says no, in milliseconds, so that a balancer that asks for it has time
   * to see that. Default: 0. At least two of the balancer's intervals; at most a fifth of the deadline is given.
   */
  readonly readinessDelayMs?: number;
}

export interface GracefulShutdownOptions extends DrainOptions {
  /** What `configureTracing` returned: its last spans are sent in the last phase. */
  readonly telemetry?: Telemetry;
}

/** Time that the last logs get to be written once the deadline has passed. */
const GRACE_MS = 500;
/**
 * Between the end of the shutdown and that of the process, with nothing to do: V8 compiles hot code on threads of its own, and a
 * process that exits while one of them waits for a garbage collection waits for it for ever (nodejs/node#54918).
 */
const SETTLE_MS = 100;

/**
 * All that a process needs to stop without losing a request or a span: `drainHttpOnShutdown` and `shutDownOnSignals`. Call it
 * before `listen`; afterwards `app.get(Lifecycle).markReady()` lets readiness say yes.
 *
 * @returns a function that says whether the shutdown has begun.
 */
export function shutDownGracefully(app: INestApplication, options: GracefulShutdownOptions = {}): () => boolean {
  drainHttpOnShutdown(app, options);
  return shutDownOnSignals(app, options.telemetry);
}

/**
 * First readiness says 503 while all is served as before, then the server closes and the last requests are answered. Answers
 * that are sent meanwhile ask callers to close their connection: they must look for another instance.
 */
export function drainHttpOnShutdown(app: INestApplication, { readinessDelayMs = 0 }: DrainOptions = {}): void {
  const lifecycle = app.get(Lifecycle);
  const adapter = app.getHttpAdapter();
  const server = app.getHttpServer() as Server;
  const open = new Set<ServerResponse>();
  function forget(this: ServerResponse): void {
    open.delete(this);
  }
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    open.add(response);
    response.once('close', forget);
    if (lifecycle.state === 'stopping') askToClose(response);
  });
  lifecycle.on('stop-intake', 'readiness delay', (signal) => {
    for (const response of open) askToClose(response);
    return readinessDelayMs > 0 ? pause(readinessDelayMs, signal) : undefined;
  });
  lifecycle.on('drain', 'http server', async () => {
    await adapter.close();
  });
}

function askToClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

/** Nobody can ask `/metrics` any more, so what became of the spans is said in a line. */
async function flush(telemetry: Telemetry, deadlineMs: number, logger: Logger): Promise<void> {
  const statistics = statisticsOf();
  await telemetry.shutdown(deadlineMs);
  if (statistics === undefined) return;
  const { sampled, exported } = statistics;
  logger.log('telemetry is flushed', { spans_sampled: sampled, spans_exported: exported });
}

/**
 * Shuts the process down on SIGTERM, SIGINT, the end of the parent's IPC channel, and errors that nobody caught, which are
 * reported once. Exit code 0 when every phase ended in time; 1 after a second signal, a missed deadline or an uncaught error.
 *
 * @returns a function that says whether the shutdown has begun.
 */
export function shutDownOnSignals(app: INestApplication, telemetry?: Telemetry): () => boolean {
  const lifecycle = app.get(Lifecycle);
  const logger = app.get(Logger);
  let begun = false;
  let cut = false;
  for (const phase of ['drain', 'close'] as const) {
    lifecycle.on(phase, 'deadline watch', (signal) => {
      signal.addEventListener('abort', () => (cut = true), { once: true });
    });
  }
  if (telemetry) lifecycle.on('flush', 'telemetry', () => flush(telemetry, lifecycle.deadlineMs, logger));

  const stop = (reason: string, exitCode: 0 | 1): void => {
    if (begun) {
      logger.warn('ending at once', { reason });
      process.exit(1);
    }
    begun = true;
    setTimeout(() => process.exit(1), lifecycle.deadlineMs + GRACE_MS).unref();
    lifecycle
      .shutdown(reason)
      .then(() => app.close())
      .then(() => pause(SETTLE_MS))
      .then(
        () => process.exit(cut ? 1 : exitCode),
        (error: unknown) => {
          logger.error('the shutdown failed', error);
          process.exit(1);
        },
      );
  };
  const fail = (error: unknown): void => {
    const reporter = app.get(ErrorReporter);
    context.with(contextOfFailure(error), () => reporter.report(error, { kind: 'startup', name: 'uncaught' }));
    if (!begun) stop('uncaught error', 1);
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  // A supervisor that dies cannot send a signal, but its end of the channel closes.
  if (process.connected) process.once('disconnect', () => stop('the parent process is gone', 0));
  return () => begun;
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
