import { enableCompileCache, flushCompileCache } from 'node:module';
import { constants } from 'node:os';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  configureTracing,
  ErrorReporter,
  Lifecycle,
  Logger,
  shutDownOnSignals,
  traceStartup,
} from '@signalpress/observability';
import type { Telemetry } from '@signalpress/observability';
import type { BaseEnv } from '../environment/base-env.js';
import { createService } from './create-service.js';
import type { ServiceOptions } from './create-service.js';
import { migrateAlone } from './migrate-alone.js';
import { explainStartupFailure } from './startup-failure.js';

const flushAfterFailureMs = 1000;

/**
 * What the `main.ts` of a service does: without an argument it runs the service, with `migrate` it brings the database up to
 * date and ends.
 */
export async function bootstrapService<E extends BaseEnv>(options: ServiceOptions<E>): Promise<void> {
  const [command] = process.argv.slice(2);
  if (command === undefined) return runService(options);
  if (command === 'migrate') process.exitCode = await migrateAlone(options);
  else {
    process.stderr.write(`${options.service}: unknown command "${command}"; there is "migrate"\n`);
    process.exitCode = 1;
  }
}

/**
 * Reads the environment, starts tracing, builds the application, listens, and shuts down on SIGTERM, SIGINT or when the parent
 * process goes away.
 *
 * Ends the process with exit code 1 and a clear message on stderr when it cannot start.
 */
async function runService<E extends BaseEnv>(options: ServiceOptions<E>): Promise<void> {
  // Compiled code of the modules that are still to come is kept on disk: a second start is faster.
  enableCompileCache();
  let env: E | undefined;
  let telemetry: Telemetry | undefined;
  try {
    env = options.readEnv();
    telemetry = configureTracing(
      options.service,
      env.SERVICE_VERSION === undefined ? {} : { version: env.SERVICE_VERSION },
    );
  } catch (error) {
    explain(error, options.service, env);
    process.exit(1);
  }
  const started = { options, env, telemetry };
  try {
    await traceStartup(() => start(started));
  } catch {
    // The start has said why.
    await telemetry.shutdown(flushAfterFailureMs).catch(() => undefined);
    process.exit(1);
  }
}

interface Start<E extends BaseEnv> {
  readonly options: ServiceOptions<E>;
  readonly env: E;
  readonly telemetry: Telemetry;
}

/** Within the trace of the start-up, also what is said about its failure. */
async function start<E extends BaseEnv>({ options, env, telemetry }: Start<E>): Promise<void> {
  let app: NestFastifyApplication | undefined;
  let stopped = (): boolean => false;
  const letGo = endOnSignals();
  try {
    app = await createService(options, env);
    stopped = shutDownOnSignals(app, telemetry);
    letGo();
    if (stopped()) return;
    await app.listen({ port: env.PORT, host: env.HOST });
    // Left alone, Node writes it inside process.exit: on a busy machine for longer than a supervisor waits after SIGTERM, and past
    // our own deadline, whose timer cannot fire meanwhile. Now nobody waits for us yet, and whoever starts us after a crash gains.
    flushCompileCache();
    app.get(Lifecycle).markReady();
    app.get(Logger).info('listening', { url: await app.getUrl() });
    // For a parent that waits for it: asking every service again and again costs more than eight messages.
    process.send?.('ready');
  } catch (error) {
    // Told to stop meanwhile: clients were closed under what was starting. The shutdown ends the process, and nobody is to be woken.
    if (stopped()) return;
    if (!explain(error, options.service, env)) {
      app?.get(ErrorReporter).report(error, { kind: 'startup', name: options.service });
    }
    await app?.get(Lifecycle).shutdown('start failed');
    throw error;
  }
}

/**
 * Until there is an application that can stop in order, a signal ends the process. That is what it does by itself, except to the
 * first process of a container, which would go on until it is killed.
 *
 * @returns a function that leaves the signals to others
 */
function endOnSignals(): () => void {
  const end = (signal: 'SIGTERM' | 'SIGINT'): void => process.exit(128 + constants.signals[signal]);
  process.on('SIGTERM', end).on('SIGINT', end);
  return () => process.off('SIGTERM', end).off('SIGINT', end);
}

/** Tells the person who started the service. @returns whether it is something that they can mend */
function explain(error: unknown, service: string, env: BaseEnv | undefined): boolean {
  const explanation = explainStartupFailure(error, env);
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${service} did not start: ${explanation ?? trace}\n`);
  return explanation !== undefined;
}
