import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { Subscription } from 'rxjs';
import { Logger } from '../logging/logger.js';
import { histogramDefinition } from '../metrics/definitions.js';
import { Metrics } from '../metrics/metrics.js';
import { OBSERVABILITY_OPTIONS } from '../observability.options.js';
import type { ObservabilityOptions } from '../observability.options.js';
import { labelNames, metricNames } from '../semconv.js';
import { passesThrough } from '../tracing/pass-through-tracer.js';
import { tracer } from '../tracing/span.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { expressRoute, followExpress } from './express-requests.js';
import { fastifyRoute, followFastify } from './fastify-requests.js';
import type { HookedServer } from './fastify-requests.js';
import { ignoredRoutes } from './ignored-routes.js';
import { RequestTelemetry } from './request-telemetry.js';
import type { RequestSignals } from './request-telemetry.js';

const durationDefinition = histogramDefinition({
  name: metricNames.httpServerRequestDuration,
  help: 'Time from the arrival of a request until its answer is sent, in seconds.',
  labels: [labelNames.method, labelNames.route, labelNames.status],
  maxSeries: 500,
});

/** One server span, one duration and one log line per request, by Fastify's own hooks or the first middleware of Express. */
@Injectable()
@NotTraced()
export class HttpServerTelemetry implements OnModuleDestroy {
  private readonly signals: Omit<RequestSignals, 'routeOf' | 'routesFirst'>;
  private readonly adapterChanges: Subscription;
  private followed: AbstractHttpAdapter | undefined;

  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    logger: Logger,
    metrics: Metrics,
    @Inject(OBSERVABILITY_OPTIONS) options: ObservabilityOptions,
  ) {
    this.signals = {
      ignored: ignoredRoutes(options.ignoreRoutes),
      duration: options.httpMetrics === false ? undefined : metrics.histogram(durationDefinition),
      logger: options.requestLog === false ? undefined : logger,
    };
    // As early as possible: plugins and middlewares that the application registers itself come after it. In a testing module the
    // adapter comes after the providers.
    this.adapterChanges = adapterHost.init$.subscribe(() => this.follow());
  }

  onModuleDestroy(): void {
    this.adapterChanges.unsubscribe();
  }

  private follow(): void {
    const adapter: AbstractHttpAdapter | undefined = this.adapterHost.httpAdapter;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- undefined in an application without HTTP, whatever the type says
    if (!adapter || this.followed === adapter) return;
    this.followed = adapter;
    const { signals } = this;
    const type = adapter.getType();
    if (type === 'fastify') {
      const telemetry = new RequestTelemetry({ ...signals, routeOf: fastifyRoute, routesFirst: true });
      followFastify(adapter.getInstance<HookedServer>(), telemetry, !passesThrough(tracer()));
    } else if (type === 'express') {
      followExpress(adapter, new RequestTelemetry({ ...signals, routeOf: expressRoute, routesFirst: false }));
    }
  }
}
