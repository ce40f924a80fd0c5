import type { DynamicModule, NestApplicationOptions } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Lifecycle, Logger, nestInstrument } from '@signalpress/observability';
import type { BaseEnv, ServiceName } from '../environment/base-env.js';
import { createHttpAdapter } from './http-adapter.js';

export interface ServiceOptions<E extends BaseEnv> {
  service: ServiceName;
  readEnv: () => E;
  /** Imports and builds the root module; called once the environment is known to be right. */
  app: (env: E) => Promise<DynamicModule>;
  /** Largest request body in bytes; default 1 MiB. */
  bodyLimitBytes?: number;
  /** Addresses or networks (comma-separated) of the balancers in front; their `X-Forwarded-For` is believed. */
  trustedProxies?: (env: E) => string | undefined;
  /** Last touches on the application before it is initialised, e.g. fastify plugins and body parsers. */
  configure?: (app: NestFastifyApplication, env: E) => void | Promise<void>;
}

/** Everything that `bootstrapService` does short of tracing, listening and process signals; for specs too. */
export async function createService<E extends BaseEnv>(
  options: Omit<ServiceOptions<E>, 'readEnv'>,
  env: E,
): Promise<NestFastifyApplication> {
  const [{ NestFactory }, adapter, module] = await Promise.all([
    import('@nestjs/core'),
    createHttpAdapter({ bodyLimitBytes: options.bodyLimitBytes, trustedProxies: options.trustedProxies?.(env) }),
    options.app(env),
  ]);
  // As a plain object type: Nest declares the options as a class, whose instances nobody makes.
  const nestOptions: Omit<NestApplicationOptions, never> = {
    instrument: nestInstrument(),
    // Buffered until our logger is there; on failure the caller of this function says why, once.
    bufferLogs: true,
    autoFlushLogs: false,
    abortOnError: false,
    // Fastify's own JSON parser is enough, and nobody sends forms.
    bodyParser: false,
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, nestOptions);
  app.useLogger(app.get(Logger));
  app.flushLogs();
  closeOnShutdown(app, env);
  await options.configure?.(app, env);
  return app;
}

/** First readiness says 503 while all is served as before, then the server closes and the last requests are answered. */
function closeOnShutdown(app: NestFastifyApplication, env: BaseEnv): void {
  const lifecycle = app.get(Lifecycle);
  const adapter = app.getHttpAdapter();
  const delayMs = env.SHUTDOWN_READINESS_DELAY_SECONDS * 1000;
  adapter.getInstance().addHook('onSend', async (_request, reply) => {
    // Callers that keep their connection open must look for another instance.
    if (lifecycle.state === 'stopping') reply.header('connection', 'close');
    return Promise.resolve();
  });
  lifecycle.on('stop-intake', 'readiness delay', (signal) => (delayMs > 0 ? pause(delayMs, signal) : undefined));
  lifecycle.on('drain', 'http server', async () => {
    await adapter.close();
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
