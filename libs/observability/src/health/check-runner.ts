import { normalizeError } from '../errors/service-error.js';
import { redactText } from '../logging/redaction.js';

export interface HealthCheckDefinition {
  readonly name: string;
  /** A critical check that is down makes the process unready; any other makes it degraded. */
  readonly critical: boolean;
  /** After this it counts as down. Default: 1000. */
  readonly timeoutMs?: number;
  /** Pause between two runs; for a dependency that is dear to ask. Default: `healthRefreshMs` of the options. */
  readonly refreshMs?: number;
  /** Resolves when all is well, rejects when not. The signal aborts when the time is up. */
  readonly check: (signal: AbortSignal) => Promise<void>;
}

export interface HealthCheckOutcome {
  readonly name: string;
  readonly critical: boolean;
  readonly status: 'up' | 'down';
  /** How long the check took, or has taken so far. */
  readonly durationMs: number;
  /** Since the check was over, or was last seen to hang. */
  readonly ageMs: number;
  /** Why it is down, redacted. */
  readonly message?: string;
}

/** What one run, or a look at one that hangs, has told. */
interface Finding {
  readonly up: boolean;
  readonly durationMs: number;
  readonly at: number;
  readonly message?: string;
}

/** A run that has not ended. */
interface Run {
  readonly startedAt: number;
  /** Resolves when the run is over or its time is up, whichever is first. */
  told: Promise<void>;
  late: boolean;
}

const DEFAULT_TIMEOUT_MS = 1_000;

/** A check that was cut and does not end (a connection that is half open) is given up after this, and begun anew … */
const GIVE_UP_AFTER_MS = 60_000;

/** … while no more than so many that were given up are still open. */
const MAX_GIVEN_UP = 3;

/**
 * The last result of one check, kept fresh in the background while somebody asks. At most one run is under way: who asks gets
 * the last result at once, and waits, at most for the check's timeout, only where there is no result that is still valid, which
 * is before the first run and after a pause in which nobody asked.
 */
export class CheckRunner {
  private readonly timeoutMs: number;
  private readonly refreshMs: number;
  private readonly idleAfterMs: number;
  private readonly validMs: number;
  private finding: Finding | undefined;
  private run: Run | undefined;
  private givenUp = 0;
  private timer: NodeJS.Timeout | undefined;
  private askedAt = -Infinity;
  private stopped = false;

  /** @param onResult gets the duration of each run in seconds. */
  constructor(
    private readonly definition: HealthCheckDefinition,
    settings: { readonly refreshMs: number; readonly idleAfterMs: number },
    private readonly onResult: (seconds: number) => void,
  ) {
    this.timeoutMs = definition.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.refreshMs = definition.refreshMs ?? settings.refreshMs;
    this.idleAfterMs = Math.max(settings.idleAfterMs, 2 * this.refreshMs);
    // A pause, a run, and as much again for a busy event loop.
    this.validMs = 2 * (this.refreshMs + this.timeoutMs);
  }

  /** The outcome that holds now. Never rejects. */
  async current(): Promise<HealthCheckOutcome> {
    this.askedAt = performance.now();
    if (!this.stopped && !this.isValid()) await this.refresh();
    this.schedule();
    return this.outcome();
  }

  /** No further run begins, and the last result grows old. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private isValid(): boolean {
    return this.finding !== undefined && performance.now() - this.finding.at <= this.validMs;
  }

  private outcome(): HealthCheckOutcome {
    const { name, critical } = this.definition;
    const { finding } = this;
    if (!finding) return { name, critical, status: 'down', durationMs: 0, ageMs: 0, message: 'not checked yet' };
    const { up, durationMs, message } = finding;
    const ageMs = performance.now() - finding.at;
    const base = { name, critical, durationMs, ageMs };
    if (!this.isValid()) {
      const old = `the last result is ${Math.round(ageMs)} ms old, and valid for ${this.validMs} ms`;
      return { ...base, status: 'down', message: message === undefined ? old : `${old}: ${message}` };
    }
    return { ...base, status: up ? 'up' : 'down', ...(message === undefined ? {} : { message }) };
  }

  /** One timer, begun by whoever asks and ended by silence; it keeps no process alive. */
  private schedule(): void {
    if (this.timer || this.stopped) return;
    // Replicas that started together do not ask their dependency together.
    const pause = this.refreshMs * (0.9 + Math.random() * 0.2);
    this.timer = setTimeout(() => void this.tick(), pause).unref();
  }

  private async tick(): Promise<void> {
    if (performance.now() - this.askedAt <= this.idleAfterMs) {
      await this.refresh();
      this.timer = undefined;
      this.schedule();
    } else {
      this.timer = undefined;
    }
  }

  /** Resolves with a finding at hand, after the timeout at the latest. */
  private refresh(): Promise<void> {
    const { run } = this;
    if (run && !run.late) return run.told;
    if (run && !this.giveUp(run)) {
      this.tell(run.startedAt, false, `no answer for ${Math.round(performance.now() - run.startedAt)} ms`);
      return Promise.resolve();
    }
    this.run = this.begin();
    return this.run.told;
  }

  private giveUp(run: Run): boolean {
    if (performance.now() - run.startedAt < GIVE_UP_AFTER_MS || this.givenUp >= MAX_GIVEN_UP) return false;
    this.givenUp += 1;
    return true;
  }

  private begin(): Run {
    const cut = new AbortController();
    const run: Run = { startedAt: performance.now(), late: false, told: Promise.resolve() };
    run.told = new Promise((resolve) => {
      const timer = setTimeout(() => {
        const message = `no answer within ${this.timeoutMs} ms`;
        run.late = true;
        this.tell(run.startedAt, false, message);
        this.onResult(this.timeoutMs / 1_000);
        cut.abort(new Error(message));
        resolve();
      }, this.timeoutMs).unref();
      void this.check(cut.signal).then((message) => {
        clearTimeout(timer);
        this.end(run, message);
        resolve();
      });
    });
    return run;
  }

  /** Why the dependency is down; undefined when it is up. Never rejects. */
  private async check(signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.definition.check(signal);
      return undefined;
    } catch (error) {
      return redactText(normalizeError(error).message).slice(0, 500);
    }
  }

  private end(run: Run, message: string | undefined): void {
    if (this.run === run) this.run = undefined;
    else this.givenUp -= 1;
    // What comes too late says nothing about now.
    if (run.late) return;
    this.tell(run.startedAt, message === undefined, message);
    this.onResult((performance.now() - run.startedAt) / 1_000);
  }

  private tell(startedAt: number, up: boolean, message: string | undefined): void {
    const at = performance.now();
    this.finding = { up, durationMs: at - startedAt, at, ...(message === undefined ? {} : { message }) };
  }
}
