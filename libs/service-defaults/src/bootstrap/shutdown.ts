import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ErrorReporter, Lifecycle, Logger } from '@signalpress/observability';
import type { Telemetry } from '@signalpress/observability';

/** Time that the last logs get to be written once the deadline has passed. */
const graceMs = 500;

/**
 * Shuts the process down on SIGTERM, SIGINT, the end of the parent's IPC channel, and errors that nobody caught. Exit code 0
 * when every phase ended in time; 1 after a second signal, a missed deadline or an uncaught error.
 *
 * @returns a function that says whether the shutdown has begun.
 */
export function shutDownOnSignals(
  app: NestFastifyApplication,
  telemetry: Telemetry,
  deadlineMs: number,
): () => boolean {
  const lifecycle = app.get(Lifecycle);
  const logger = app.get(Logger);
  let begun = false;
  let cut = false;
  for (const phase of ['drain', 'close'] as const) {
    lifecycle.on(phase, 'deadline watch', (signal) => {
      signal.addEventListener('abort', () => (cut = true), { once: true });
    });
  }
  lifecycle.on('flush', 'telemetry', () => telemetry.shutdown(deadlineMs));

  const stop = (reason: string, exitCode: 0 | 1): void => {
    if (begun) {
      logger.warn('ending at once', { reason });
      process.exit(1);
    }
    begun = true;
    setTimeout(() => process.exit(1), deadlineMs + graceMs).unref();
    lifecycle
      .shutdown(reason)
      .then(() => app.close())
      .then(
        () => process.exit(cut ? 1 : exitCode),
        (error: unknown) => {
          logger.error('the shutdown failed', error);
          process.exit(1);
        },
      );
  };
  const fail = (error: unknown): void => {
    app.get(ErrorReporter).report(error, { kind: 'startup', name: 'uncaught' });
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
