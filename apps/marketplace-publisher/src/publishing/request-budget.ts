import { setTimeout as sleep } from 'node:timers/promises';

/** Requests that a marketplace takes; those beyond wait for their turn. */
export class RequestBudget {
  private readonly intervalMs: number;
  private nextAt = 0;

  /** @param perSecond of this process; they are spread evenly once a second's worth was used at once */
  constructor(private readonly perSecond: number) {
    this.intervalMs = 1_000 / perSecond;
  }

  /** Waits until a request may be made. @throws AbortError */
  async take(signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    // An unused budget saves up one second's worth at most.
    this.nextAt = Math.max(this.nextAt, now - this.perSecond * this.intervalMs) + this.intervalMs;
    const waitMs = this.nextAt - now;
    if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  }
}
