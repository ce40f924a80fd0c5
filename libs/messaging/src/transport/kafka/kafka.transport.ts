import { Injectable } from '@nestjs/common';
import { eventTypes } from '@signalpress/contracts';
import { HealthChecks, NotTraced } from '@signalpress/observability';
import { Database } from '@signalpress/persistence';
import { UnavailableError } from '../../messaging.errors.js';
import { MessagingSettings } from '../../messaging.options.js';
import { Signals } from '../../messaging.signals.js';
import { PostgresLog } from '../postgres/postgres.log.js';
import { Subscriptions } from '../subscriptions.js';
import type { OutgoingEvent, PartitionLag, QueueLength, Subscriber, Subscription, Transport } from '../transport.js';
import { systemAttributes } from './kafka.attributes.js';
import { KafkaConnection } from './kafka.connection.js';
import { KafkaLag } from './kafka.lag.js';
import { commitsTotal, rebalancesTotal } from './kafka.metrics.js';
import { topicOf } from './kafka.names.js';
import type { KafkaOptions } from './kafka.options.js';
import { KafkaSender } from './kafka.sender.js';
import { KafkaSubscriber } from './kafka.subscriber.js';

const HEALTH_MS = 2_000;
const HEALTH_REFRESH_MS = 5_000;
/** Each answer costs requests for every topic; scrapes and samples share one. */
const FRESH_MS = 2_000;

/** Events through Apache Kafka: what production runs. */
@Injectable()
@NotTraced()
export class KafkaTransport implements Transport {
  readonly kind = 'kafka';
  readonly spanAttributes = systemAttributes;
  private readonly options: KafkaOptions;
  private readonly connection: KafkaConnection;
  private readonly sender: KafkaSender;
  private readonly subscriptions: Subscriptions;
  private readonly answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  constructor(
    private readonly db: Database,
    private readonly settings: MessagingSettings,
    private readonly signals: Signals,
    health: HealthChecks,
  ) {
    const { transport, service } = settings;
    if (transport.kind !== 'kafka') throw new Error('The Kafka transport needs its options');
    this.options = transport;
    this.subscriptions = new Subscriptions(db);
    this.connection = new KafkaConnection(transport, service, signals.logger);
    this.sender = new KafkaSender(
      () => this.connection.producer(),
      (type) => topicOf(transport, type),
      signals.fault,
    );
    health.register({
      name: 'kafka',
      // Events wait in the outbox; everything else goes on.
      critical: false,
      timeoutMs: HEALTH_MS,
      refreshMs: HEALTH_REFRESH_MS,
      check: () => this.check(),
    });
  }

  start(): void {
    this.sender.start();
  }

  async close(): Promise<void> {
    await this.sender.close();
    await this.connection.close();
  }

  append(events: readonly OutgoingEvent[]): Promise<void> {
    return this.sender.send(events);
  }

  subscribe(subscription: Subscription): Subscriber {
    const rebalances = this.signals.metrics.counter(rebalancesTotal);
    const commits = this.signals.metrics.counter(commitsTotal);
    return new KafkaSubscriber({
      options: this.options,
      subscription,
      tuning: this.settings.tuning,
      open: async (settings, events) => {
        await this.subscriptions.tell(subscription.group, subscription.types);
        return this.connection.consumer(settings, events);
      },
      counts: { rebalanced: () => rebalances.inc(), committed: () => commits.inc() },
    });
  }

  lag(group: string): Promise<PartitionLag[]> {
    return this.fresh(`lag of ${group}`, async () => {
      const known = (await this.subscriptions.all()).find((one) => one.group === group);
      const types = known?.types ?? eventTypes;
      return this.connection.ask((admin) => new KafkaLag(admin, this.options).ofGroup({ group, types }));
    });
  }

  queues(): Promise<QueueLength[]> {
    return this.fresh('queues', async () => {
      const groups = await this.subscriptions.all();
      return this.connection.ask((admin) => new KafkaLag(admin, this.options).queues(groups));
    });
  }

  /** Topics have a retention of their own; what is left here is the log from before the installation moved to Kafka. */
  prune(olderThanDays: number): Promise<number> {
    return new PostgresLog(this.db).prune(olderThanDays);
  }

  private async check(): Promise<void> {
    const { away } = this.sender;
    if (away !== undefined) throw new UnavailableError(away, { code: 'kafka' });
    await this.connection.ask((admin) => admin.ping());
  }

  private fresh<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const { away } = this.sender;
    // A scrape or a sample is not to wait for a broker that does not answer.
    if (away !== undefined) return Promise.reject(new UnavailableError(away, { code: 'kafka' }));
    const known = this.answers.get(question);
    if (known !== undefined && performance.now() - known.at < FRESH_MS) return known.answer as Promise<T>;
    const answer = ask();
    this.answers.set(question, { at: performance.now(), answer });
    return answer;
  }
}
