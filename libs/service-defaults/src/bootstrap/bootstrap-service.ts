import { enableCompileCache } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { configureTracing, ErrorReporter, Lifecycle, Logger } from '@signalpress/observability';
import type { Telemetry } from '@signalpress/observability';
import type { BaseEnv } from '../environment/base-env.js';
import { createService } from './create-service.js';
import type { ServiceOptions } from './create-service.js';
import { shutDownOnSignals } from './shutdown.js';
import { explainStartupFailure } from './startup-failure.js';

const flushAfterFailureMs = 1000;

/**
 * Runs a service: reads its environment, starts tracing, builds the application, listens, and shuts down on SIGTERM, SIGINT or
 * when the parent process goes away.
 *
 * Ends the process with exit code 1 and a clear message on stderr when it cannot start.
 */
export async function bootstrapService<E extends BaseEnv>(options: ServiceOptions<E>): Promise<void> {
  // Compiled code of the modules that are still to come is kept on disk: a second start is faster.
  enableCompileCache();
  let env: E | undefined;
  let app: NestFastifyApplication | undefined;
  let telemetry: Telemetry | undefined;
  try {
    env = options.readEnv();
    telemetry = configureTracing(
      options.service,
      env.SERVICE_VERSION === undefined ? {} : { version: env.SERVICE_VERSION },
    );
    app = await createService(options, env);
    const stopped = shutDownOnSignals(app, telemetry, env.SHUTDOWN_DEADLINE_SECONDS * 1000);
    if (stopped()) return;
    await app.listen({ port: env.PORT, host: env.HOST });
    app.get(Lifecycle).markReady();
    app.get(Logger).info('listening', { url: await app.getUrl() });
    // For a parent that waits for it: asking every service again and again costs more than eight messages.
    process.send?.('ready');
  } catch (error) {
    await failToStart(error, options.service, env, app);
    await telemetry?.shutdown(flushAfterFailureMs).catch(() => undefined);
    process.exit(1);
  }
}

async function failToStart(
  error: unknown,
  service: string,
  env: BaseEnv | undefined,
  app: NestFastifyApplication | undefined,
): Promise<void> {
  const explanation = explainStartupFailure(error, env);
  if (explanation !== undefined) {
    process.stderr.write(`${service} did not start: ${explanation}\n`);
  } else {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${service} did not start: ${trace}\n`);
    app?.get(ErrorReporter).report(error, { kind: 'startup', name: service });
  }
  await app?.get(Lifecycle).shutdown('start failed');
}
