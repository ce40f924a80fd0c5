import { Injectable } from '@nestjs/common';
import type { Logger } from '../logging/logger.js';
import { NotTraced } from '../tracing/traced.decorator.js';

/** In order: take no more work, finish what was taken, close clients, flush telemetry. */
export type ShutdownPhase = 'stop-intake' | 'drain' | 'close' | 'flush';

export type LifecycleState = 'starting' | 'ready' | 'stopping' | 'stopped';

/**
 * The signal aborts when the phase's share of the deadline is used up, which is `budgetMs` milliseconds after the phase began:
 * whoever has to tidy up after what it waits for stops waiting earlier.
 */
export type ShutdownHandler = (signal: AbortSignal, budgetMs: number) => Promise<void> | void;

/**
 * The share of the deadline that is gone when a phase is cut. A drain that hangs must leave time to close clients and to flush
 * what explains why it hung.
 */
const phases: readonly (readonly [ShutdownPhase, number])[] = [
  ['stop-intake', 0.2],
  ['drain', 0.7],
  ['close', 0.85],
  ['flush', 1],
];

/** The states of one process, and the order in which its parts stop. */
@Injectable()
@NotTraced()
export class Lifecycle {
  private current: LifecycleState = 'starting';
  private readonly handlers = new Map<ShutdownPhase, { name: string; handler: ShutdownHandler }[]>();
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly logger: Logger,
    /** For the whole shutdown, in milliseconds. */
    readonly deadlineMs: number,
  ) {}

  get state(): LifecycleState {
    return this.current;
  }

  /** Registers work for a phase. Handlers of one phase run side by side. */
  on(phase: ShutdownPhase, name: string, handler: ShutdownHandler): void {
    const registered = this.handlers.get(phase) ?? [];
    registered.push({ name, handler });
    this.handlers.set(phase, registered);
  }

  /** From now on readiness may answer 200. Does nothing once the shutdown has begun. */
  markReady(): void {
    if (this.current === 'starting') this.current = 'ready';
  }

  /**
   * Runs every phase, once, under one deadline; further calls get the same promise. It never rejects: a handler that fails or
   * is late is logged, and the next phase begins.
   */
  shutdown(reason: string): Promise<void> {
    this.stopping ??= this.run(reason);
    return this.stopping;
  }

  private async run(reason: string): Promise<void> {
    const startedAt = performance.now();
    this.current = 'stopping';
    this.logger.log('shutdown begins', { reason, deadline_ms: this.deadlineMs });
    for (const [phase, share] of phases) {
      const remaining = this.deadlineMs * share - (performance.now() - startedAt);
      await this.runPhase(phase, Math.max(remaining, 0));
    }
    this.current = 'stopped';
    this.logger.log('shutdown is complete', { reason, duration_ms: Math.round(performance.now() - startedAt) });
    // Whoever started the process may be out of patience from here on.
    this.logger.flush();
  }

  private async runPhase(phase: ShutdownPhase, budgetMs: number): Promise<void> {
    const handlers = this.handlers.get(phase) ?? [];
    if (handlers.length === 0) return;
    const cut = new AbortController();
    const timer = setTimeout(
      () => cut.abort(new Error(`phase ${phase} used up its ${Math.round(budgetMs)} ms`)),
      budgetMs,
    );
    try {
      await Promise.all(
        handlers.map(({ name, handler }) =>
          this.runHandler(phase, name, (signal) => handler(signal, budgetMs), cut.signal),
        ),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  private async runHandler(
    phase: ShutdownPhase,
    name: string,
    handler: (signal: AbortSignal) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await Promise.race([Promise.resolve().then(() => handler(signal)), aborted(signal)]);
    } catch (error) {
      this.logger.warn('shutdown handler failed', { phase, handler: name, err: error });
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      },
      { once: true },
    );
  });
}
