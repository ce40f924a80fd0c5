import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { Lifecycle, NotTraced } from '@signalpress/observability';
import { EventIntake } from './consumer/event-intake.js';
import { JobRunner } from './jobs/job-runner.js';
import { MessagingSettings } from './messaging.options.js';
import { OutboxRelay } from './outbox/outbox.relay.js';
import { WakeUps } from './timing/wake-ups.js';

/** What is left of the phase belongs to giving back what is not done, and to the last pass of the relay. */
const WAITING_SHARE = 0.7;

/** Starts everything when the application is up, and stops it in the phases of the lifecycle. */
@Injectable()
@NotTraced()
export class MessagingRuntime implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private draining: Promise<void> | undefined;
  private started = false;

  constructor(
    private readonly relay: OutboxRelay,
    private readonly intake: EventIntake,
    private readonly jobs: JobRunner,
    private readonly wakeUps: WakeUps,
    private readonly settings: MessagingSettings,
    lifecycle: Lifecycle,
  ) {
    lifecycle.on('stop-intake', 'messaging', () => this.pause());
    lifecycle.on('drain', 'messaging', (signal, budgetMs) => this.drain(budgetMs * WAITING_SHARE, signal));
  }

  /** A wrong declaration of a worker, or a wrong transport, stops the start before anything runs. */
  async onModuleInit(): Promise<void> {
    this.jobs.check();
    await this.relay.claim();
  }

  onApplicationBootstrap(): void {
    this.started = true;
    this.relay.start();
    this.intake.start();
    this.jobs.start();
    this.wakeUps.start();
  }

  /** An application that is closed without a lifecycle shutdown (a test) drains all the same, before its database goes. */
  async onModuleDestroy(): Promise<void> {
    await this.drain(Infinity);
  }

  private async pause(): Promise<void> {
    if (!this.started) return;
    this.intake.pause();
    await this.jobs.pause();
  }

  private drain(atMostMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.started) return Promise.resolve();
    this.draining ??= this.drainOnce(Math.min(this.settings.tuning.drainMs, Math.round(atMostMs)), signal);
    return this.draining;
  }

  private async drainOnce(waitMs: number, signal?: AbortSignal): Promise<void> {
    const own = AbortSignal.timeout(waitMs);
    const deadline = signal === undefined ? own : AbortSignal.any([own, signal]);
    await this.pause();
    await Promise.allSettled([this.intake.close(deadline), this.jobs.close(deadline)]);
    // Last: what they published leaves now and not at the next start.
    await this.relay.stop();
    await this.wakeUps.close();
  }
}
