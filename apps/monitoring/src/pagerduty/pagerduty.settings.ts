import type { PagerDutyEvent } from './pagerduty.event.js';

interface Options {
  readonly enabled: boolean;
  readonly routingKey: string | undefined;
  readonly eventsUrl: string;
  readonly timeoutMs: number;
  readonly dashboardBaseUrl: string | undefined;
  readonly runbookBaseUrl: string | undefined;
}

/** How PagerDuty is reached; also the token it is injected by. The key is private to it, so that nothing can print it. */
export class PagerDutySettings {
  readonly enabled: boolean;
  readonly eventsUrl: string;
  readonly timeoutMs: number;
  readonly dashboardBaseUrl: string | undefined;
  readonly runbookBaseUrl: string | undefined;
  readonly #routingKey: string;

  constructor(options: Options) {
    this.enabled = options.enabled && options.routingKey !== undefined;
    this.eventsUrl = options.eventsUrl;
    this.timeoutMs = options.timeoutMs;
    this.dashboardBaseUrl = options.dashboardBaseUrl;
    this.runbookBaseUrl = options.runbookBaseUrl;
    this.#routingKey = options.routingKey ?? '';
  }

  /** The body to send: the only text that holds the key. */
  bodyOf(event: PagerDutyEvent): string {
    return JSON.stringify({ routing_key: this.#routingKey, ...event });
  }

  /** What the other side said, without the key, should it repeat it. */
  withoutKey(text: string): string {
    return this.#routingKey === '' ? text : text.replaceAll(this.#routingKey, '[redacted]');
  }
}
