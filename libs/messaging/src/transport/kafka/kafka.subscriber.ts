import type { MessagingTuning } from '../../messaging.options.js';
import { pause, settledBefore } from '../../timing/backoff.js';
import { Loop } from '../../timing/loop.js';
import type { Subscriber, Subscription } from '../transport.js';
import { Lane } from './kafka.lane.js';
import type { LaneHooks } from './kafka.lane.js';
import type { ReceivedMessage } from './kafka.message.js';
import { groupOf, topicOf, typeOf } from './kafka.names.js';
import type { KafkaOptions } from './kafka.options.js';
import type { ConsumerEvents, ConsumerSettings, KafkaConsumer, PartitionOffset, TopicPartition } from './kafka.seat.js';

/** How long settled offsets are gathered before the group is moved past them. */
const COMMIT_MS = 200;
const CLOSE_MS = 3_000;
/** While some partitions have enough to do, those that have had nothing are looked at so often. */
const PACE_MS = 10;
/** A client that neither fetches nor beats for so many session times has died without a word. */
const SILENT_SESSIONS = 3;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** One consumer, from its making on. */
interface Mine {
  current: KafkaConsumer | undefined;
  crash: Error | undefined;
  started: boolean;
}

/** Counts what a membership goes through. */
export interface MembershipCounts {
  rebalanced(): void;
  committed(): void;
}

/** What a membership is made of. */
export interface Membership {
  readonly options: KafkaOptions;
  readonly subscription: Subscription;
  readonly tuning: MessagingTuning;
  /** Answers a consumer that is not started, of a cluster whose topics exist. */
  readonly open: (settings: ConsumerSettings, events: ConsumerEvents) => Promise<KafkaConsumer>;
  readonly counts: MembershipCounts;
}

/**
 * A member of a consumer group on Kafka. The client's loop hands over what it fetches and goes on at once, so its heartbeats
 * never wait for a handler. Each partition has a lane, which is paused when enough of it waits in memory.
 */
export class KafkaSubscriber implements Subscriber {
  private readonly lanes = new Map<string, Lane>();
  /** Those of the sharing-out before, until the next one: where they stopped, and what they still have in hand. */
  private former = new Map<string, Lane>();
  /** Settled here and not yet told to the group. */
  private readonly dirty = new Map<string, PartitionOffset>();
  private readonly loop: Loop;
  private consumer: KafkaConsumer | undefined;
  /** The last moment at which the broker knew us. */
  private aliveAt = 0;
  private committing: Promise<void> | undefined;
  private flushed: Promise<void> = Promise.resolve();
  private pausing = false;
  /** Aborted when there is room. */
  private waiting: AbortController | undefined;

  constructor(private readonly membership: Membership) {
    const { subscription, tuning } = membership;
    this.loop = new Loop({
      name: 'kafka consumer',
      everyMs: Math.max(tuning.pollMs, COMMIT_MS),
      pass: () => this.keep(),
      onFault: (name, error) => subscription.onFault(name, error),
    });
  }

  start(): void {
    this.loop.start();
  }

  pause(): void {
    this.pausing = true;
    for (const lane of this.lanes.values()) {
      lane.leave();
      // What is fetched from now on would be refused, and fetched again at once.
      this.consumer?.pause(lane.at);
    }
  }

  async close(deadline: AbortSignal): Promise<void> {
    this.pause();
    await settledBefore(
      Array.from(this.lanes.values(), ({ idle }) => idle),
      deadline,
    );
    await settledBefore([this.flush(), this.loop.stop()], AbortSignal.timeout(CLOSE_MS));
    const { consumer } = this;
    this.consumer = undefined;
    for (const lane of this.lanes.values()) lane.lost = true;
    if (consumer !== undefined) await settledBefore([consumer.close()], AbortSignal.timeout(CLOSE_MS));
  }

  /** Begins a membership where there is none. */
  private async keep(): Promise<undefined> {
    if (this.pausing) return;
    if (this.consumer !== undefined) {
      if (performance.now() - this.aliveAt < SILENT_SESSIONS * this.membership.tuning.leaseMs) return;
      this.lose(new Error('the Kafka client has fallen silent'));
    }
    const mine: Mine = { current: undefined, crash: undefined, started: false };
    const consumer = await this.membership.open(this.settings(), this.events(mine));
    mine.current = consumer;
    this.consumer = consumer;
    this.aliveAt = performance.now();
    try {
      await consumer.start();
    } catch (error) {
      this.drop(consumer);
      throw error;
    }
    if (mine.crash !== undefined) throw mine.crash;
    mine.started = true;
  }

  /** Events of a consumer that is not the present one any more are nobody's business. */
  private events(mine: Mine): ConsumerEvents {
    const present = (): boolean => mine.current !== undefined && mine.current === this.consumer;
    return {
      alive: () => {
        this.aliveAt = performance.now();
      },
      joined: (assignment) => {
        if (present()) this.joined(assignment);
      },
      rebalancing: () => {
        // Sent before the request to join, so that the group knows what is settled.
        if (present()) void this.flush();
      },
      committed: () => this.membership.counts.committed(),
      crashed: (error) => {
        mine.crash = error;
        // While it starts, whoever starts it says so.
        if (present() && mine.started) this.lose(error);
        else if (mine.current !== undefined) this.drop(mine.current);
      },
      fetched: (partition, messages) => present() && this.fetched(partition, messages),
      room: (ms) => (present() ? this.room(ms) : Promise.resolve()),
    };
  }

  private joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.aliveAt = performance.now();
    this.membership.counts.rebalanced();
    this.abandonLanes();
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) this.take({ topic, partition }, this.former.get(keyOf({ topic, partition })));
    }
    // What others have now goes on from what they commit.
    this.former = new Map();
  }

  private take(at: TopicPartition, last: Lane | undefined): void {
    const lane = new Lane(at, typeOf(this.membership.options, at.topic), this.hooks, last?.idle ?? Promise.resolve());
    // Where the last lane was: what the client has in flight from before may not jump over what we have forgotten.
    lane.next = last?.next;
    if (last?.paused === true) this.consumer?.resume(at);
    if (this.pausing) {
      lane.leave();
      this.consumer?.pause(at);
    }
    this.lanes.set(keyOf(at), lane);
  }

  private abandonLanes(): void {
    for (const [key, lane] of this.lanes) {
      lane.leave();
      lane.lost = true;
      this.former.set(key, lane);
    }
    this.lanes.clear();
    this.dirty.clear();
  }

  private fetched(at: TopicPartition, messages: readonly ReceivedMessage[]): boolean {
    const lane = this.lanes.get(keyOf(at));
    const first = messages[0];
    if (lane === undefined || first === undefined || lane.leaving.signal.aborted) return false;
    if (lane.isFresh && lane.next !== undefined && first.offset > lane.next) {
      const offset = lane.next;
      // Once: if the broker does not have it any more, what it has is next.
      lane.next = undefined;
      this.consumer?.seek({ ...at, offset });
      return false;
    }
    lane.push(messages);
    if (lane.isFull && !lane.paused) {
      lane.paused = true;
      this.consumer?.pause(at);
    }
    return true;
  }

  /** A fetch costs both sides much the same whether it brings one event or hundreds: while there is enough to do, none is made. */
  private async room(ms: number): Promise<void> {
    const open = [...this.lanes.values()].filter(({ paused }) => !paused);
    const sated = open.filter(({ isSated }) => isSated).length;
    if (open.some(({ isHungry }) => isHungry) || (sated === 0 && open.length > 0)) return;
    this.waiting = new AbortController();
    await pause(sated === open.length ? ms : Math.min(ms, PACE_MS), this.waiting.signal);
    this.waiting = undefined;
  }

  private readonly hooks: LaneHooks = {
    process: (deliveries, signal) => this.membership.subscription.process(deliveries, signal),
    isMember: () => performance.now() - this.aliveAt < this.membership.tuning.leaseMs,
    settled: (lane) => {
      if (lane.lost || lane.next === undefined) return;
      this.dirty.set(keyOf(lane.at), { ...lane.at, offset: lane.next });
      this.committing ??= this.commitSoon();
      if (!lane.isSated) this.waiting?.abort();
    },
    drained: (lane) => {
      lane.paused = false;
      this.consumer?.resume(lane.at);
      this.waiting?.abort();
    },
    failed: (lane, error) => {
      // One that is lost has its successor, here or elsewhere. Any other would stand still for ever.
      if (!lane.lost) this.lose(error);
    },
  };

  private async commitSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, COMMIT_MS));
    this.committing = undefined;
    await this.flush();
  }

  /** Moves the group past what is settled. What is not told is delivered again, and the inbox knows it. */
  private flush(): Promise<void> {
    // One after the other: an older offset must not overtake a newer one.
    this.flushed = this.flushed.then(() => this.commitDirty());
    return this.flushed;
  }

  private async commitDirty(): Promise<void> {
    const { consumer } = this;
    const offsets = [...this.dirty.values()];
    if (consumer === undefined || offsets.length === 0) return;
    this.dirty.clear();
    try {
      await consumer.commit(offsets);
    } catch {
      // A later offset of the same partition says more than this one.
      for (const offset of offsets) {
        const key = keyOf(offset);
        if (consumer === this.consumer && this.lanes.has(key) && !this.dirty.has(key)) this.dirty.set(key, offset);
      }
    }
  }

  private lose(error: unknown): void {
    this.membership.subscription.onFault('kafka consumer', error);
    if (this.consumer !== undefined) this.drop(this.consumer);
  }

  private drop(consumer: KafkaConsumer): void {
    if (this.consumer === consumer) {
      this.consumer = undefined;
      this.abandonLanes();
    }
    void consumer.close().catch(() => undefined);
  }

  private settings(): ConsumerSettings {
    const { options, subscription, tuning } = this.membership;
    return {
      group: groupOf(options, subscription.group),
      topics: [...subscription.types].map((type) => topicOf(options, type)),
      sessionMs: tuning.leaseMs,
      heartbeatMs: Math.min(tuning.heartbeatMs, tuning.leaseMs / 3),
    };
  }
}
