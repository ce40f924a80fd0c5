import { Injectable } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import type { HeldSpan } from '@signalpress/observability';
import { Database } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { classify } from '../messaging.errors.js';
import { MessagingSettings } from '../messaging.options.js';
import { Signals } from '../messaging.signals.js';
import type { Delivery } from '../transport/transport.js';
import { Consumer } from './consumer.js';
import { deliverySeconds, handlerSeconds, messagesTotal } from './consumer.metrics.js';
import { holdConsumerSpan } from './consumer-span.js';
import { readEvent } from './event-reader.js';
import type { CheckedEvent } from './event-reader.js';
import { Inbox } from './inbox.js';

/** A transaction takes up no further event so long after its first handler began: what handlers have locked, others wait for. */
const LONGEST_MS = 50;
/** After events that were handled together met another transaction's locks, each has its own for so long. */
const APART_MS = 30_000;

interface Readable {
  readonly delivery: Delivery;
  readonly checked: CheckedEvent;
}

/** What became of one event in a transaction that has not ended yet. */
interface Handled {
  readonly delivery: Delivery;
  readonly outcome: 'handled' | 'duplicate';
  readonly waitedMs: number;
  readonly handlerMs: number;
}

/**
 * Brings the events that are at hand to their end: all in one transaction, each with its own inbox row, handlers and span, and
 * in their order. If anything fails nothing of it has happened, and each gets a transaction of its own, with its own retries.
 */
@Injectable()
@NotTraced()
export class BatchConsumer {
  private readonly messages;
  private readonly handlerTime;
  private readonly deliveryTime;
  private apartUntil = 0;

  constructor(
    private readonly db: Database,
    private readonly inbox: Inbox,
    private readonly consumer: Consumer,
    private readonly settings: MessagingSettings,
    private readonly signals: Signals,
  ) {
    this.messages = signals.metrics.counter(messagesTotal);
    this.handlerTime = signals.metrics.histogram(handlerSeconds);
    this.deliveryTime = signals.metrics.histogram(deliverySeconds);
  }

  /**
   * @param deliveries the next ones of one partition
   * @returns how many of them, from the first on, are settled: at least one unless the signal aborts
   * @throws FencedError if the partition has another owner by now
   */
  async process(deliveries: readonly Delivery[], signal: AbortSignal): Promise<number> {
    if (deliveries.length === 1 || performance.now() < this.apartUntil) return this.oneByOne(deliveries, signal);
    const readable = readableOf(deliveries);
    // What nobody can read is a matter for the dead letters, and those after it are not held up by it.
    if (readable.length <= 1) return this.oneByOne(deliveries.slice(0, 1), signal);
    const settled = await this.together(readable, signal);
    return settled ?? this.oneByOne(deliveries.slice(0, readable.length), signal);
  }

  private async oneByOne(deliveries: readonly Delivery[], signal: AbortSignal): Promise<number> {
    let settled = 0;
    for (const delivery of deliveries) {
      if ((await this.consumer.process(delivery, signal)) === 'abandoned') break;
      settled += 1;
    }
    return settled;
  }

  /** Answers how many are settled, or undefined when it failed and none is. */
  private async together(readable: readonly Readable[], signal: AbortSignal): Promise<number | undefined> {
    const startedAt = performance.now();
    const spans = new OpenSpans(this.settings);
    try {
      // A conflict is no reason to try all of it again.
      const handled = await this.db.transaction((tx) => this.handle(tx, readable, spans, signal), {
        conflictRetries: 0,
      });
      this.settings.failpoints.hit('consumer.after-commit');
      spans.end('committed');
      this.tell(handled, performance.now() - startedAt);
      return handled.length;
    } catch (error) {
      spans.end('rolled back');
      const fault = classify(error);
      if (fault === 'fenced') {
        for (const { delivery } of readable) this.messages.inc({ topic: delivery.type, outcome: 'fenced' });
        throw error;
      }
      if (fault === 'conflict') this.apartUntil = performance.now() + APART_MS;
      this.signals.logger.debug('events not handled together, one by one then', { events: readable.length, fault });
      return undefined;
    }
  }

  private async handle(
    tx: Transaction<unknown>,
    readable: readonly Readable[],
    spans: OpenSpans,
    signal: AbortSignal,
  ): Promise<Handled[]> {
    this.settings.failpoints.hit('consumer.before-effect');
    const fresh = await this.inbox.recordAll(
      tx,
      readable.map(({ checked }) => checked.event),
    );
    const startedAt = performance.now();
    const handled: Handled[] = [];
    for (const { delivery, checked } of readable) {
      const now = performance.now();
      if (handled.length > 0 && (signal.aborted || now - startedAt > LONGEST_MS)) break;
      const waitedMs = delivery.waitedMs();
      // Taken out: a batch may have an event twice. The database writes ids in lower case.
      const isNew = fresh.delete(checked.event.id.toLowerCase());
      await spans.run(delivery, () => (isNew ? this.inbox.run(tx, checked) : Promise.resolve()));
      const outcome = isNew ? 'handled' : 'duplicate';
      handled.push({ delivery, outcome, waitedMs, handlerMs: performance.now() - now });
    }
    await this.inbox.forget(tx, [...fresh]);
    await handled.at(-1)?.delivery.commit(tx);
    this.settings.failpoints.hit('consumer.after-effect');
    return handled;
  }

  /** Each event's time is its own, and its share of what was done for all. */
  private tell(handled: readonly Handled[], tookMs: number): void {
    const sharedMs = (tookMs - handled.reduce((sum, { handlerMs }) => sum + handlerMs, 0)) / handled.length;
    for (const { delivery, outcome, waitedMs, handlerMs } of handled) {
      const topic = delivery.type;
      this.messages.inc({ topic, outcome });
      this.deliveryTime.observe(Math.max(waitedMs, 0) / 1000, { topic });
      this.handlerTime.observe((handlerMs + sharedMs) / 1000, { topic });
    }
  }
}

/** The consumer spans of events whose transaction has not ended yet: they end with it, because only then is it known. */
class OpenSpans {
  private open: HeldSpan[] = [];

  constructor(private readonly settings: MessagingSettings) {}

  /** Leaves the span open when the work is done; one whose work fails ends with the error. */
  async run(delivery: Delivery, work: () => Promise<void>): Promise<void> {
    const span = holdConsumerSpan(delivery, this.settings);
    try {
      await span.run(work);
    } catch (error) {
      span.fail(error);
      throw error;
    }
    this.open.push(span);
  }

  end(how: 'committed' | 'rolled back'): void {
    for (const span of this.open) {
      // The same event comes again at once, alone, in a span of its own.
      if (how === 'rolled back') span.addEvent('rolled back');
      span.end();
    }
    this.open = [];
  }
}

/** From the first on, as far as they can be read. */
function readableOf(deliveries: readonly Delivery[]): Readable[] {
  const readable: Readable[] = [];
  for (const delivery of deliveries) {
    try {
      readable.push({ delivery, checked: readEvent(delivery.envelope) });
    } catch {
      break;
    }
  }
  return readable;
}
