import { Injectable } from '@nestjs/common';
import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import { Logger, Metrics } from '@signalpress/observability';
import { MonitoringSettings } from '../monitoring.settings.js';
import { readFigures } from './exposition.js';
import type { ProcessFigures } from './exposition.js';

const TIMEOUT_MS = 3_000;
/** A service of ours shows some 50 kB. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/** What a service's `/metrics` said, and when (milliseconds of a monotonic clock); null when it did not answer. */
export interface Answer {
  readonly service: ServiceName;
  readonly atMs: number;
  readonly figures: ProcessFigures | null;
}

/** Asks every service for its metrics, all side by side, each under a timeout and up to a size. */
@Injectable()
export class MetricsSource {
  /** Services that refused the last time, so that it is said once. */
  private readonly refusing = new Set<ServiceName>();

  constructor(
    private readonly settings: MonitoringSettings,
    private readonly own: Metrics,
    private readonly logger: Logger,
  ) {}

  all(stop: AbortSignal): Promise<Answer[]> {
    return Promise.all(
      serviceNames.map(async (service) => {
        const figures = await this.ask(service, stop).catch(() => null);
        return { service, atMs: performance.now(), figures };
      }),
    );
  }

  private async ask(service: ServiceName, stop: AbortSignal): Promise<ProcessFigures> {
    if (service === 'monitoring') return readFigures(await this.own.scrape());
    const { metricsToken, serviceUrls } = this.settings;
    const response = await fetch(`${serviceUrls[service]}/metrics`, {
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
      redirect: 'error',
      headers: {
        accept: 'text/plain',
        ...(metricsToken === undefined ? {} : { authorization: `Bearer ${metricsToken}` }),
      },
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      this.tellOnce(service, response.status);
      throw new Error(`${service} answered ${response.status} to a request for its metrics`);
    }
    this.refusing.delete(service);
    return readFigures(await readText(response.body, service));
  }

  /** A service that answers with a refusal is up all the same: more likely METRICS_TOKEN differs. */
  private tellOnce(service: ServiceName, status: number): void {
    if (this.refusing.has(service)) return;
    this.refusing.add(service);
    this.logger.warn('the metrics of a service cannot be read; it counts as down', { target: service, status });
  }
}

async function readText(body: ReadableStream<Uint8Array>, service: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > LARGEST_BYTES) throw new Error(`The metrics of ${service} are longer than ${LARGEST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
