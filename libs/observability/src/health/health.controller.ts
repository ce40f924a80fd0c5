import { Controller, Get, Header, HttpStatus, Inject, Res, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import type { HealthCheckResult, HealthIndicatorResult } from '@nestjs/terminus';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { OBSERVABILITY_OPTIONS } from '../observability.options.js';
import type { ObservabilityOptions } from '../observability.options.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import type { HealthCheckOutcome } from './check-runner.js';
import { HealthChecks } from './health-checks.js';

/** What both of Nest's HTTP adapters offer to set a status. */
interface StatusReply {
  status(code: number): unknown;
}

type Indicator = () => HealthIndicatorResult;

/** A person's view of the process. */
interface HealthSummary extends Pick<HealthCheckResult, 'status' | 'details'> {
  readonly service: string;
  readonly version?: string;
  readonly state: string;
  readonly uptimeSeconds: number;
}

/** The probes. The answer says what is wrong itself, so no exception and no filter is involved. */
@Controller('health')
@NotTraced()
export class HealthController {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly checks: HealthChecks,
    private readonly lifecycle: Lifecycle,
    @Inject(OBSERVABILITY_OPTIONS) private readonly options: ObservabilityOptions,
  ) {}

  /** The process turns. Nothing else is asked: a restart repairs no dependency. */
  @Get('live')
  @Header('cache-control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** May traffic come: the lifecycle is ready and no critical dependency is down. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: StatusReply): Promise<HealthCheckResult> {
    return this.answer(reply, [this.lifecycleIndicator(), ...(await this.dependencies())]);
  }

  /** Is the start over, however it went on from there. */
  @Get('startup')
  @Header('cache-control', 'no-store')
  startup(@Res({ passthrough: true }) reply: StatusReply): Promise<HealthCheckResult> {
    const session = this.indicators.check('startup');
    const { state } = this.lifecycle;
    return this.answer(reply, [() => (state === 'starting' ? session.down({ state }) : session.up({ state }))]);
  }

  /** The summary for a person. */
  @Get()
  @Header('cache-control', 'no-store')
  async summary(@Res({ passthrough: true }) reply: StatusReply): Promise<HealthSummary> {
    const { status, details } = await this.ready(reply);
    const { serviceName, version } = this.options;
    return {
      status,
      service: serviceName,
      ...(version === undefined ? {} : { version }),
      state: this.lifecycle.state,
      uptimeSeconds: Math.round(process.uptime()),
      details,
    };
  }

  private lifecycleIndicator(): Indicator {
    const session = this.indicators.check('lifecycle');
    const { state } = this.lifecycle;
    return () => (state === 'ready' ? session.up({ state }) : session.down({ state }));
  }

  private async dependencies(): Promise<Indicator[]> {
    const outcomes = await this.checks.current();
    return outcomes.map((outcome) => () => this.indicate(outcome));
  }

  private indicate(outcome: HealthCheckOutcome): HealthIndicatorResult {
    const session = this.indicators.check(outcome.name);
    const data = {
      durationMs: Math.round(outcome.durationMs * 10) / 10,
      ageMs: Math.round(outcome.ageMs),
      ...(outcome.message === undefined ? {} : { message: outcome.message }),
    };
    if (outcome.status === 'up') return session.up(data);
    return outcome.critical ? session.down(data) : session.degraded(data);
  }

  private async answer(reply: StatusReply, indicators: Indicator[]): Promise<HealthCheckResult> {
    try {
      return await this.terminus.check(indicators);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      reply.status(HttpStatus.SERVICE_UNAVAILABLE);
      return error.getResponse() as HealthCheckResult;
    }
  }
}
