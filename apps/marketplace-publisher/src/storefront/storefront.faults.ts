import { Injectable } from '@nestjs/common';
import { Lifecycle } from '@signalpress/observability';
import type { FaultPlan } from './storefront.schemas.js';

export type Fault = 'fail-after-commit' | 'hang' | 'rate-limit';

/** The plan that is being played, and what it did so far. */
export interface FaultState {
  readonly plan: FaultPlan | null;
  /** Seconds until all is well again. */
  readonly secondsLeft: number;
  readonly played: Readonly<Record<Fault, number>>;
}

interface Playing {
  readonly plan: FaultPlan;
  readonly until: number;
  readonly draw: () => number;
  readonly played: Record<Fault, number>;
  readonly over: AbortController;
}

const none = (): Record<Fault, number> => ({ 'fail-after-commit': 0, hang: 0, 'rate-limit': 0 });

/** Faults of this instance's API for drills: shares of calls, drawn at random from a seed, for a bounded time. Off unless planned. */
@Injectable()
export class StorefrontFaults {
  private playing: Playing | undefined;

  constructor(lifecycle: Lifecycle) {
    lifecycle.on('stop-intake', 'storefront faults', () => {
      this.clear();
    });
  }

  get state(): FaultState {
    const playing = this.current();
    if (playing === undefined) return { plan: null, secondsLeft: 0, played: none() };
    const { plan, until, played } = playing;
    return { plan, secondsLeft: Math.ceil((until - performance.now()) / 1_000), played: { ...played } };
  }

  /** Plays the plan from now on, instead of the one before. */
  play(plan: FaultPlan): void {
    this.clear();
    const until = performance.now() + plan.forSeconds * 1_000;
    this.playing = { plan, until, draw: drawsOf(plan.seed), played: none(), over: new AbortController() };
  }

  /** All is well; calls that hang go on. */
  clear(): void {
    this.playing?.over.abort();
    this.playing = undefined;
  }

  /** What happens to the next call. */
  next(): { readonly fault: Fault; readonly plan: FaultPlan; readonly over: AbortSignal } | undefined {
    const playing = this.current();
    if (playing === undefined) return undefined;
    const { plan, draw, played, over } = playing;
    const at = draw();
    const { rateLimit, failAfterCommit, hang } = plan;
    let fault: Fault;
    if (at < rateLimit) fault = 'rate-limit';
    else if (at < rateLimit + failAfterCommit) fault = 'fail-after-commit';
    else if (at < rateLimit + failAfterCommit + hang) fault = 'hang';
    else return undefined;
    played[fault] += 1;
    return { fault, plan, over: over.signal };
  }

  private current(): Playing | undefined {
    if (this.playing !== undefined && performance.now() >= this.playing.until) this.clear();
    return this.playing;
  }
}

/**
 * Numbers in 0..1, by chance and not in turn: turns can fall into step with a caller's retries, which then never succeed.
 * Source: mulberry32 by Tommy Ettinger (public domain).
 */
function drawsOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
