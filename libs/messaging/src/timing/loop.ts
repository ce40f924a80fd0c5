import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { pause } from './backoff.js';

export interface LoopOptions {
  readonly name: string;
  /** Wait between two passes when the pass does not say, and after one that failed (milliseconds). */
  readonly everyMs: number;
  /** One pass; may answer how long to wait before the next (milliseconds), 0 to go on at once. */
  readonly pass: () => Promise<number | undefined>;
  /** Called for the first failure of a row of failures, and with undefined when passes succeed again. */
  readonly onFault: (name: string, error: unknown) => void;
  /** How long no pass must have failed before that is told (milliseconds); default 5,000: some fail every other time. */
  readonly steadyMs?: number;
}

const STEADY_MS = 5_000;

/**
 * Runs a pass again and again, never two at once: at an interval, and as soon as it is woken. A wake-up during a pass is
 * kept, so what was committed before it is always seen by a pass that began after it.
 */
export class Loop {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private waiting: AbortController | undefined;
  private woken = false;
  /** When a pass failed last, until it is told that they succeed again. */
  private failedAt: number | undefined;

  constructor(private readonly options: LoopOptions) {}

  /** Starts outside of any trace, so that background work never hangs on the request or start-up that began it. */
  start(): void {
    this.running ??= context.with(ROOT_CONTEXT, () => this.run());
  }

  wake(): void {
    this.woken = true;
    this.waiting?.abort();
  }

  /** No pass begins after this; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.waiting?.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.woken = false;
      await this.wait(await this.safePass());
    }
  }

  private async safePass(): Promise<number> {
    const { name, everyMs, pass, onFault, steadyMs = STEADY_MS } = this.options;
    try {
      const delay = await pass();
      if (this.failedAt !== undefined && performance.now() - this.failedAt >= steadyMs) {
        this.failedAt = undefined;
        onFault(name, undefined);
      }
      return delay ?? everyMs;
    } catch (error) {
      if (this.failedAt === undefined) onFault(name, error);
      this.failedAt = performance.now();
      return everyMs;
    }
  }

  private async wait(ms: number): Promise<void> {
    if (this.woken || ms <= 0 || this.stopping.signal.aborted) return;
    this.waiting = new AbortController();
    await pause(ms, this.waiting.signal);
    this.waiting = undefined;
  }
}
