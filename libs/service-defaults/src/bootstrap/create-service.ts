import type { DynamicModule, NestApplicationOptions } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { drainHttpOnShutdown, Logger, nestInstrument } from '@signalpress/observability';
import type { BaseEnv, ServiceName } from '../environment/base-env.js';
import { createHttpAdapter } from './http-adapter.js';

export interface ServiceOptions<E extends BaseEnv> {
  service: ServiceName;
  readEnv: () => E;
  /** Imports and builds the root module; called once the environment is known to be right. */
  app: (env: E) => Promise<DynamicModule>;
  /** Applies the migrations of a service that has a database, and says which: what `node dist/main.js migrate` does. */
  migrate?: () => Promise<readonly string[]>;
  /** Largest request body in bytes; default 1 MiB. */
  bodyLimitBytes?: number;
  /** Addresses or networks (comma-separated) of the balancers in front; their `X-Forwarded-For` is believed. */
  trustedProxies?: (env: E) => string | undefined;
  /** Last touches on the application before it is initialised, e.g. fastify plugins and body parsers. */
  configure?: (app: NestFastifyApplication, env: E) => void | Promise<void>;
}

/** Everything that `bootstrapService` does short of tracing, listening and process signals; for specs too. */
export async function createService<E extends BaseEnv>(
  options: Omit<ServiceOptions<E>, 'readEnv' | 'migrate'>,
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
  drainHttpOnShutdown(app, { readinessDelayMs: env.SHUTDOWN_READINESS_DELAY_SECONDS * 1000 });
  await options.configure?.(app, env);
  return app;
}
