/**
 * The service with @signalpress/observability, as its README says. `OVERHEAD_LIBRARY` is the built library, `OVERHEAD_OPTIONS` (JSON)
 * what is given to the module; the rest is the environment's, as in production.
 */
import 'reflect-metadata';
import * as nest from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { host } from '../service/host.mjs';
import { defineModule, defineService } from '../service/service.mjs';

const { configureTracing, nestInstrument, ErrorReporter, Lifecycle, Logger, ObservabilityModule } = await import(
  process.env.OVERHEAD_LIBRARY
);

class ReportingFilter extends BaseExceptionFilter {
  catch(error, host) {
    app.get(ErrorReporter).report(error, { kind: 'http' });
    super.catch(error, host);
  }
}
nest.Catch()(ReportingFilter);

const telemetry = configureTracing('overhead');
const options = { serviceName: 'overhead', ...JSON.parse(process.env.OVERHEAD_OPTIONS ?? '{}') };
const AppModule = defineModule(nest, defineService(nest), {
  imports: [ObservabilityModule.forRoot(options)],
  providers: [{ provide: APP_FILTER, useClass: ReportingFilter }],
});
const app = await NestFactory.create(AppModule, new FastifyAdapter(), {
  instrument: nestInstrument(),
  bufferLogs: true,
});
app.useLogger(app.get(Logger));
const lifecycle = app.get(Lifecycle);
await host(app, async () => {
  await lifecycle.shutdown('finish');
  await telemetry.shutdown(10_000);
});
lifecycle.markReady();
