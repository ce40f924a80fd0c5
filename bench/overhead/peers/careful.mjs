/**
 * What a careful team puts together: http and Fastify instrumentation, spans by hand in the four places, prom-client, nestjs-pino with
 * routes for which it does log, Sentry, terminus.
 */
import 'reflect-metadata';
import FastifyOtelInstrumentation from '@fastify/otel';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import * as Sentry from '@sentry/nestjs';
import client from 'prom-client';
import { host } from '../service/host.mjs';
import { defineModule, defineService } from '../service/service.mjs';
import { fastifyOptions, httpOptions, startSdk } from './sdk.mjs';

const sdk = startSdk([
  new HttpInstrumentation({
    ...httpOptions,
    // Sentry's own requests would be spans of the failing trace.
    ignoreOutgoingRequestHook: (request) => String(request.path).startsWith('/api/'),
  }),
  new FastifyOtelInstrumentation(fastifyOptions),
]);
Sentry.init({
  dsn: process.env.OVERHEAD_DSN,
  // Those that open spans of their own would split the trace.
  integrations: (defaults) => [
    ...defaults.filter(({ name }) => !/Nest|Fastify|Http|NodeFetch/i.test(name)),
    Sentry.openTelemetryIntegration(),
  ],
});

const nest = await import('@nestjs/common');
const { APP_FILTER, NestFactory } = await import('@nestjs/core');
const { FastifyAdapter } = await import('@nestjs/platform-fastify');
const { HealthCheckService, TerminusModule } = await import('@nestjs/terminus');
const { SentryGlobalFilter, SentryModule } = await import('@sentry/nestjs/setup');
const { LoggerModule, Logger } = await import('nestjs-pino');

const registry = new client.Registry();
client.collectDefaultMetrics({ register: registry });
const duration = new client.Histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Time from the arrival of a request until its answer is sent.',
  labelNames: ['method', 'route', 'status'],
  registers: [registry],
});

const tracer = trace.getTracer('overhead');
const service = defineService(nest);
for (const [type, method] of service.places) spanByHand(type, method);

class OperationalController {
  constructor(health) {
    this.health = health;
  }

  metrics() {
    return registry.metrics();
  }

  ready() {
    return this.health.check([]);
  }
}
nest.Controller()(OperationalController);
nest.Inject(HealthCheckService)(OperationalController, undefined, 0);
for (const [method, path] of [
  ['metrics', 'metrics'],
  ['ready', 'health/ready'],
]) {
  const { prototype } = OperationalController;
  nest.Get(path)(prototype, method, Object.getOwnPropertyDescriptor(prototype, method));
}

const AppModule = defineModule(nest, service, {
  imports: [
    SentryModule.forRoot(),
    TerminusModule.forRoot({ logger: false }),
    LoggerModule.forRoot({
      // With the default routes it logs no request on Fastify.
      forRoutes: [{ path: '*splat', method: nest.RequestMethod.ALL }],
      exclude: ['metrics', 'health/ready'],
      pinoHttp: { mixin: activeIds },
    }),
  ],
  controllers: [OperationalController],
  providers: [{ provide: APP_FILTER, useClass: SentryGlobalFilter }],
});
const app = await NestFactory.create(AppModule, new FastifyAdapter(), { bufferLogs: true });
app.useLogger(app.get(Logger));
app
  .getHttpAdapter()
  .getInstance()
  .addHook('onResponse', (request, reply, done) => {
    if (!/^\/(?:metrics|health)/.test(request.url)) {
      const labels = {
        method: request.method,
        route: request.routeOptions.url ?? 'unmatched',
        status: reply.statusCode,
      };
      duration.observe(labels, reply.elapsedTime / 1_000);
    }
    done();
  });
await host(app, async () => {
  await sdk.shutdown();
  await Sentry.close(2_000);
});

function activeIds() {
  const context = trace.getActiveSpan()?.spanContext();
  return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
}

/** What one writes around the body of a method; here around the method, so that the service is the same for all variants. */
function spanByHand(type, method) {
  const body = type.prototype[method];
  const name = `${type.name}.${method}`;
  type.prototype[method] = function (...values) {
    return tracer.startActiveSpan(name, (span) => {
      const fail = (error) => {
        span.recordException(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        span.end();
        throw error;
      };
      try {
        const result = body.apply(this, values);
        if (typeof result?.then === 'function') {
          return result.then((value) => {
            span.end();
            return value;
          }, fail);
        }
        span.end();
        return result;
      } catch (error) {
        return fail(error);
      }
    });
  };
  for (const key of Reflect.getMetadataKeys(body)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, body), type.prototype[method]);
  }
}
