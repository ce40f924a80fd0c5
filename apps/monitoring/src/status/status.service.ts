import { Injectable } from '@nestjs/common';
import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { Lifecycle, normalizeError } from '@signalpress/observability';
import { Clock } from '@signalpress/service-defaults';
import { MonitoringSettings } from '../monitoring.settings.js';

const TIMEOUT_MS = 2_000;
/** How long an answer is passed on without asking again, so that many who ask do not become many who poll. */
const FRESH_MS = 3_000;

/** How one service is. */
export interface ServiceStatus {
  readonly service: ServiceName;
  readonly status: 'up' | 'unhealthy' | 'unreachable';
  /** HTTP status of its `/health`; null when it did not answer. */
  readonly httpStatus: number | null;
  readonly durationMs: number;
  /** Why it is not up; null otherwise. */
  readonly reason: string | null;
}

/** Answer of `GET /status`. */
export interface PlatformStatus {
  readonly status: 'up' | 'degraded';
  readonly checkedAt: string;
  readonly services: ServiceStatus[];
}

/** Asks every service how it is: on request, all at once, each under a timeout, at most once in a few seconds. */
@Injectable()
export class StatusService {
  private latest: { readonly askedAt: number; readonly answer: Promise<PlatformStatus> } | undefined;

  constructor(
    private readonly settings: MonitoringSettings,
    private readonly lifecycle: Lifecycle,
    private readonly clock: Clock,
  ) {}

  status(): Promise<PlatformStatus> {
    const now = performance.now();
    if (this.latest === undefined || now - this.latest.askedAt > FRESH_MS) {
      this.latest = { askedAt: now, answer: this.ask() };
    }
    return this.latest.answer;
  }

  private async ask(): Promise<PlatformStatus> {
    const services = await Promise.all(serviceNames.map((service) => this.askOne(service)));
    return {
      status: services.every(({ status }) => status === 'up') ? 'up' : 'degraded',
      checkedAt: this.clock.now().toISOString(),
      services,
    };
  }

  private async askOne(service: ServiceName): Promise<ServiceStatus> {
    if (service === 'monitoring') return this.self();
    const startedAt = performance.now();
    const durationMs = (): number => Math.round(performance.now() - startedAt);
    try {
      const url = `${this.settings.serviceUrls[service]}/health`;
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
      // Only the status counts; a body of any size stays unread.
      await response.body?.cancel();
      const reason = response.ok ? null : `answered ${response.status}`;
      const status = response.ok ? 'up' : 'unhealthy';
      return { service, status, httpStatus: response.status, durationMs: durationMs(), reason };
    } catch (error) {
      return { service, status: 'unreachable', httpStatus: null, durationMs: durationMs(), reason: reasonOf(error) };
    }
  }

  private self(): ServiceStatus {
    const { state } = this.lifecycle;
    const up = state === 'ready';
    return {
      service: 'monitoring',
      status: up ? 'up' : 'unhealthy',
      httpStatus: null,
      durationMs: 0,
      reason: up ? null : `is ${state}`,
    };
  }
}

function reasonOf(thrown: unknown): string {
  const error = normalizeError(thrown);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`;
  const { cause } = error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : error.message.slice(0, 200);
}
