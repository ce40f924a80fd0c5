import type { ServiceName } from '@signalpress/contracts';

interface Settings {
  /** Mean publish latency that is agreed on, in hours. */
  readonly slaThresholdHours: number;
  /** Where each other service answers. */
  readonly serviceUrls: Readonly<Record<Exclude<ServiceName, 'monitoring'>, string>>;
}

/** What monitoring takes from the environment; also the token it is injected by. */
export class MonitoringSettings implements Settings {
  readonly slaThresholdHours: number;
  readonly serviceUrls: Settings['serviceUrls'];

  constructor(settings: Settings) {
    this.slaThresholdHours = settings.slaThresholdHours;
    this.serviceUrls = settings.serviceUrls;
  }
}
