import { classify } from '../../messaging.errors.js';
import type { MessagingTuning } from '../../messaging.options.js';
import { settledBefore } from '../../timing/backoff.js';
import { Loop } from '../../timing/loop.js';
import type { Subscriptions } from '../subscriptions.js';
import { MOST_AT_ONCE } from '../transport.js';
import type { Delivery, Subscriber, Subscription } from '../transport.js';
import { PARTITIONS } from './postgres.log.js';
import type { LogRecord, PostgresLog } from './postgres.log.js';
import type { Lease, PostgresGroup } from './postgres.group.js';

/** A partition that we own. `position` is how far it is settled here. */
interface Held {
  readonly partition: number;
  readonly epoch: number;
  position: number;
  /** Aborted when it is given back or lost. */
  readonly leaving: AbortController;
  pump: Promise<void> | undefined;
  /** Woken while it was being pumped: look once more before stopping. */
  again: boolean;
}

/**
 * A member of a consumer group on the `postgres` transport. One loop keeps the leases and a fair share of the partitions;
 * another looks for partitions with news, each of which is then pumped in order until it has no more.
 */
export class PostgresSubscriber implements Subscriber {
  private readonly held = new Map<number, Held>();
  private readonly leases: Loop;
  private readonly news: Loop;
  private readonly pausing = new AbortController();
  private joined = false;

  constructor(
    private readonly log: PostgresLog,
    private readonly group: PostgresGroup,
    private readonly subscriptions: Subscriptions,
    private readonly subscription: Subscription,
    private readonly tuning: MessagingTuning,
  ) {
    const onFault = (name: string, error: unknown): void => subscription.onFault(name, error);
    this.leases = new Loop({ name: 'leases', everyMs: tuning.heartbeatMs, pass: () => this.share(), onFault });
    this.news = new Loop({ name: 'fetch', everyMs: tuning.pollMs, pass: () => this.look(), onFault });
  }

  start(): void {
    this.leases.start();
    this.news.start();
  }

  /** Somebody appended events of these types; '' is any, told when listening begins. */
  wakeFor(types: readonly string[]): void {
    if (types.some((type) => type === '' || this.subscription.types.has(type))) this.news.wake();
  }

  /** Members came or went. */
  wakeLeases(): void {
    this.leases.wake();
  }

  pause(): void {
    this.pausing.abort();
    for (const held of this.held.values()) held.leaving.abort();
  }

  async close(deadline: AbortSignal): Promise<void> {
    this.pause();
    await this.news.stop();
    const pumps = [...this.held.values()].map((held) => held.pump ?? Promise.resolve());
    // The leases are kept until then, so that nobody begins what we are about to finish.
    await settledBefore(pumps, deadline);
    await this.leases.stop();
    await this.group.release([...this.held.values()]);
    this.held.clear();
    await this.group.leave();
  }

  private async share(): Promise<undefined> {
    const members = await this.group.heartbeat();
    if (!this.joined) {
      await this.group.ensureOffsets();
      await this.subscriptions.tell(this.group.group, this.subscription.types);
    }
    const kept = await this.group.renew([...this.held.values()]);
    for (const held of this.held.values()) if (!kept.has(held.partition)) this.lose(held);
    if (this.pausing.signal.aborted) return;
    const fair = Math.ceil(PARTITIONS / members);
    await this.giveBack([...this.held.values()].slice(fair));
    for (const lease of await this.group.acquire(fair - this.held.size)) this.take(lease);
    if (!this.joined) await this.group.announce();
    this.joined = true;
  }

  private take(lease: Lease): void {
    const { partition, epoch, position } = lease;
    const leaving = new AbortController();
    this.held.set(partition, { partition, epoch, position, leaving, pump: undefined, again: false });
    this.news.wake();
  }

  private lose(held: Held): void {
    held.leaving.abort();
    if (this.held.get(held.partition) === held) this.held.delete(held.partition);
  }

  /** The event in hand is finished first: at most one statement timeout away, and the lease outlives it or fences it. */
  private async giveBack(surplus: readonly Held[]): Promise<void> {
    if (surplus.length === 0) return;
    for (const held of surplus) held.leaving.abort();
    await Promise.all(surplus.map((held) => held.pump ?? Promise.resolve()));
    for (const held of surplus) this.lose(held);
    await this.group.release(surplus);
  }

  private async look(): Promise<undefined> {
    if (this.held.size === 0) return;
    const heads = await this.log.heads();
    for (const held of this.held.values()) {
      if (held.leaving.signal.aborted) continue;
      if (held.pump !== undefined) held.again = true;
      else if ((heads.get(held.partition) ?? 0) > held.position) this.startPump(held);
    }
  }

  private startPump(held: Held): void {
    held.pump = this.pump(held).catch((error: unknown) => this.failed(held, error));
  }

  private failed(held: Held, error: unknown): void {
    // Reading the log failed: the next look tries again. Fenced: another member has it.
    if (classify(error) === 'fenced') this.lose(held);
    else this.subscription.onFault('fetch', error);
  }

  private async pump(held: Held): Promise<void> {
    try {
      do {
        held.again = false;
        if ((await this.settleBatch(held)) === this.tuning.batchSize) held.again = true;
      } while (held.again && !held.leaving.signal.aborted);
    } finally {
      // In the same turn as the look at `again`: whoever wakes us finds us either running or gone.
      held.pump = undefined;
    }
  }

  /** Answers how many records there were. */
  private async settleBatch(held: Held): Promise<number> {
    const { batchSize } = this.tuning;
    const records = await this.log.read(held.partition, held.position, this.subscription.types, batchSize);
    const readAt = performance.now();
    const { signal } = held.leaving;
    const handled = records.filter(({ envelope }) => envelope !== null);
    for (let next = 0; next < handled.length && !signal.aborted;) {
      const some = handled.slice(next, next + MOST_AT_ONCE);
      const settled = await this.subscription.process(
        some.map((record) => this.deliveryOf(held, record, readAt)),
        signal,
      );
      next += settled;
      held.position = handled[next - 1]?.position ?? held.position;
    }
    // Behind the last of them are types that the group does not handle. The heartbeat stores how far we are.
    if (!signal.aborted) held.position = records.at(-1)?.position ?? held.position;
    return records.length;
  }

  private deliveryOf(held: Held, record: LogRecord, readAt: number): Delivery {
    return {
      type: record.type,
      envelope: record.envelope,
      waitedMs: () => record.ageMs + performance.now() - readAt,
      commit: (tx) => this.group.commit(tx, held, record.position),
    };
  }
}
