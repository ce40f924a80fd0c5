import type { ServiceName } from '@signalpress/contracts';

interface Settings {
  /** Mean publish latency that is agreed on, in hours. */
  readonly slaThresholdHours: number;
  /** Hours over which the mean is taken. */
  readonly slaWindowHours: number;
  /** Ideas below which a mean says nothing. */
  readonly slaMinimumSamples: number;
  /** Time zone that days are counted in. */
  readonly shopTimezone: string;
  /** What the services' `/metrics` ask for. */
  readonly metricsToken: string | undefined;
  /** Where each other service answers. */
  readonly serviceUrls: Readonly<Record<Exclude<ServiceName, 'monitoring'>, string>>;
}

/** What monitoring takes from the environment; also the token it is injected by. */
export class MonitoringSettings implements Settings {
  readonly slaThresholdHours: number;
  readonly slaWindowHours: number;
  readonly slaMinimumSamples: number;
  readonly shopTimezone: string;
  readonly metricsToken: string | undefined;
  readonly serviceUrls: Settings['serviceUrls'];

  constructor(settings: Settings) {
    this.slaThresholdHours = settings.slaThresholdHours;
    this.slaWindowHours = settings.slaWindowHours;
    this.slaMinimumSamples = settings.slaMinimumSamples;
    this.shopTimezone = settings.shopTimezone;
    this.metricsToken = settings.metricsToken;
    this.serviceUrls = settings.serviceUrls;
  }
}
