import { Injectable } from '@nestjs/common';
import { normalizeError, NotTraced } from '@signalpress/observability';
import { Database } from '@signalpress/persistence';
import { DeadLetters } from '../dead-letters/dead-letters.repository.js';
import { FencedError, classify } from '../messaging.errors.js';
import type { Fault } from '../messaging.errors.js';
import { MessagingSettings } from '../messaging.options.js';
import { Signals } from '../messaging.signals.js';
import { backoffMs, pause } from '../timing/backoff.js';
import { traceOf } from '../trace/continuation.js';
import type { Delivery, Settlement } from '../transport/transport.js';
import { deliverySeconds, handlerSeconds, messagesTotal } from './consumer.metrics.js';
import { inConsumerSpan } from './consumer-span.js';
import { readEvent } from './event-reader.js';
import { Inbox } from './inbox.js';

/** Failures of one delivery so far: those that count against the limit, and all of them, which the backoff grows with. */
interface Tries {
  counted: number;
  failures: number;
}

/** Brings one delivery to its end, whatever the transport: handled once, or buried, or left for later. */
@Injectable()
@NotTraced()
export class Consumer {
  private readonly messages;
  private readonly handlerTime;
  private readonly deliveryTime;

  constructor(
    private readonly db: Database,
    private readonly inbox: Inbox,
    private readonly deadLetters: DeadLetters,
    private readonly settings: MessagingSettings,
    private readonly signals: Signals,
  ) {
    this.messages = signals.metrics.counter(messagesTotal);
    this.handlerTime = signals.metrics.histogram(handlerSeconds);
    this.deliveryTime = signals.metrics.histogram(deliverySeconds);
  }

  /** @throws FencedError if the partition has another owner by now */
  async process(delivery: Delivery, signal: AbortSignal): Promise<Settlement> {
    this.deliveryTime.observe(Math.max(delivery.waitedMs(), 0) / 1000, { topic: delivery.type });
    const tries: Tries = { counted: 0, failures: 0 };
    while (!signal.aborted) {
      const waitMs = await this.attempt(delivery, tries);
      if (waitMs === undefined) return 'settled';
      await pause(waitMs, signal);
    }
    return 'abandoned';
  }

  /** Answers undefined when the delivery is settled, or how long to wait before the next attempt. */
  private async attempt(delivery: Delivery, tries: Tries): Promise<number | undefined> {
    const topic = delivery.type;
    const startedAt = performance.now();
    let waitMs: number | undefined;
    const run = async (): Promise<void> => {
      try {
        this.messages.inc({ topic, outcome: await this.handle(delivery) });
      } catch (error) {
        waitMs = await this.failed(delivery, tries, error);
        // For the span, which records it.
        throw error;
      } finally {
        this.handlerTime.observe((performance.now() - startedAt) / 1000, { topic });
      }
    };
    try {
      await inConsumerSpan(delivery, this.settings, run);
    } catch (error) {
      if (error instanceof FencedError) throw error;
    }
    return waitMs;
  }

  private async handle(delivery: Delivery): Promise<'handled' | 'duplicate'> {
    const { failpoints } = this.settings;
    const checked = readEvent(delivery.envelope);
    const handled = await this.db.transaction(async (tx) => {
      failpoints.hit('consumer.before-effect');
      const outcome = await this.inbox.handle(tx, checked);
      await delivery.commit(tx);
      failpoints.hit('consumer.after-effect');
      return outcome;
    });
    failpoints.hit('consumer.after-commit');
    return handled;
  }

  private async failed(delivery: Delivery, tries: Tries, error: unknown): Promise<number | undefined> {
    const fault = classify(error);
    if (fault === 'fenced') {
      this.messages.inc({ topic: delivery.type, outcome: 'fenced' });
      throw error;
    }
    if (fault === 'unknown') tries.counted += 1;
    if (fault !== 'poison' && tries.counted < this.settings.tuning.maxAttempts)
      return this.later(delivery, tries, fault, error);
    try {
      await this.bury(delivery, Math.max(tries.counted, 1), error);
      return undefined;
    } catch (burial) {
      if (burial instanceof FencedError) throw burial;
      return this.later(delivery, tries, 'unavailable', burial);
    }
  }

  private later(delivery: Delivery, tries: Tries, fault: Fault, error: unknown): number {
    const outcome = fault === 'unavailable' ? 'unavailable' : 'retried';
    this.messages.inc({ topic: delivery.type, outcome });
    // An outage would repeat this line for every event and attempt.
    const level = fault === 'unknown' || tries.failures === 0 ? 'warn' : 'debug';
    this.signals.logger[level]('event not handled yet', {
      topic: delivery.type,
      fault,
      failures: tries.failures + 1,
      err: error,
    });
    return backoffMs(tries.failures++, this.settings.tuning);
  }

  private async bury(delivery: Delivery, attempts: number, error: unknown): Promise<void> {
    const { envelope, type } = delivery;
    const known = await this.db.transaction(async (tx) => {
      // Another member, to whom the partition went while we tried, may have done better.
      if (await this.inbox.knows(tx, envelope)) return true;
      await this.deadLetters.buryEvent(tx, {
        type,
        envelope,
        attempts,
        error: normalizeError(error),
        trace: traceOf(envelope),
      });
      await delivery.commit(tx);
      return false;
    });
    this.messages.inc({ topic: type, outcome: known ? 'duplicate' : 'dead-lettered' });
    if (known) return;
    this.signals.reporter.report(error, { kind: 'message', name: type });
  }
}
