import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { buckets } from '../metrics/buckets.js';
import { gaugeDefinition, histogramDefinition } from '../metrics/definitions.js';
import { Metrics } from '../metrics/metrics.js';
import { OBSERVABILITY_OPTIONS } from '../observability.options.js';
import type { ObservabilityOptions } from '../observability.options.js';
import { labelNames, metricNames } from '../semconv.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { CheckRunner } from './check-runner.js';
import type { HealthCheckDefinition, HealthCheckOutcome } from './check-runner.js';

const DEFAULT_REFRESH_MS = 1_000;

/** Longer than the pause between two probes of any orchestrator: whoever probes keeps the results fresh. */
const IDLE_AFTER_MS = 60_000;

const upDefinition = gaugeDefinition({
  name: metricNames.healthCheckUp,
  help: 'Whether a dependency answered its last health check (1) or not (0).',
  labels: [labelNames.check],
});

const durationDefinition = histogramDefinition({
  name: metricNames.healthCheckDuration,
  help: 'Time of one run of a health check, cut at its timeout, in seconds.',
  labels: [labelNames.check],
  buckets: buckets.healthCheck,
});

/** The dependencies of this process, registered by those who own them. */
@Injectable()
@NotTraced()
export class HealthChecks implements OnApplicationShutdown {
  private readonly runners = new Map<string, CheckRunner>();
  private readonly refreshMs: number;

  constructor(
    private readonly metrics: Metrics,
    lifecycle: Lifecycle,
    @Inject(OBSERVABILITY_OPTIONS) options: ObservabilityOptions,
  ) {
    this.refreshMs = options.healthRefreshMs ?? DEFAULT_REFRESH_MS;
    metrics.observeGauge(upDefinition, async () =>
      (await this.current()).map(({ name, status }) => ({
        labels: { [labelNames.check]: name },
        value: status === 'up' ? 1 : 0,
      })),
    );
    // The clients that the checks use are closed in this phase; readiness has been given back long before.
    lifecycle.on('close', 'health checks', () => this.stop());
  }

  /** @throws Error when the name is taken. */
  register(definition: HealthCheckDefinition): void {
    if (this.runners.has(definition.name)) throw new Error(`health check ${definition.name} is registered twice`);
    const duration = this.metrics.histogram(durationDefinition).labels({ check: definition.name });
    const settings = { refreshMs: this.refreshMs, idleAfterMs: IDLE_AFTER_MS };
    this.runners.set(definition.name, new CheckRunner(definition, settings, (seconds) => duration.observe(seconds)));
  }

  /**
   * How each dependency is, from results that are refreshed in the background. Waits only where there is no valid result yet, and
   * then no longer than the longest timeout. Never rejects.
   */
  current(): Promise<HealthCheckOutcome[]> {
    return Promise.all(Array.from(this.runners.values(), (runner) => runner.current()));
  }

  /** For an application that is closed without the lifecycle. */
  onApplicationShutdown(): void {
    this.stop();
  }

  private stop(): void {
    for (const runner of this.runners.values()) runner.stop();
  }
}
