import { randomUUID } from 'node:crypto';
import { NotTraced } from '@signalpress/observability';
import { Injectable } from '@nestjs/common';
import { Database } from '@signalpress/persistence';
import type { Transaction } from '@signalpress/persistence';
import { MessagingSettings } from '../../messaging.options.js';
import { WakeUps } from '../../timing/wake-ups.js';
import { Subscriptions } from '../subscriptions.js';
import type { OutgoingEvent, PartitionLag, QueueLength, Subscriber, Subscription, Transport } from '../transport.js';
import { LEASES_CHANNEL, PostgresGroup } from './postgres.group.js';
import { EVENTS_CHANNEL, PostgresLog } from './postgres.log.js';
import { PostgresSubscriber } from './postgres.subscriber.js';

/** Events through a log in the database that the services share anyway: the default of one machine, with no broker. */
@Injectable()
@NotTraced()
export class PostgresTransport implements Transport {
  readonly kind = 'postgres';
  readonly spanAttributes = {};
  private readonly log: PostgresLog;

  constructor(
    private readonly db: Database,
    private readonly settings: MessagingSettings,
    private readonly wakeUps: WakeUps,
  ) {
    this.log = new PostgresLog(db);
  }

  /** The database is there as long as the service is. */
  start(): void {
    // Nothing to open.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  append(events: readonly OutgoingEvent[], tx: Transaction<unknown>): Promise<void> {
    return this.log.append(events, tx);
  }

  subscribe(subscription: Subscription): Subscriber {
    const { tuning } = this.settings;
    const group = new PostgresGroup(this.db, subscription.group, randomUUID(), tuning.leaseMs);
    const subscriber = new PostgresSubscriber(this.log, group, new Subscriptions(this.db), subscription, tuning);
    this.wakeUps.on(EVENTS_CHANNEL, (types) => subscriber.wakeFor(types.split(',')));
    this.wakeUps.on(LEASES_CHANNEL, (name) => {
      if (name === subscription.group) subscriber.wakeLeases();
    });
    return subscriber;
  }

  lag(group: string): Promise<PartitionLag[]> {
    return this.log.lag(group);
  }

  queues(): Promise<QueueLength[]> {
    return this.log.queues();
  }

  prune(olderThanDays: number): Promise<number> {
    return this.log.prune(olderThanDays);
  }
}
