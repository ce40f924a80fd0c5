import { Inject, Injectable } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import { MessagingSettings } from '../messaging.options.js';
import { Signals } from '../messaging.signals.js';
import { TRANSPORT } from '../transport/transport.js';
import type { Subscriber, Transport } from '../transport/transport.js';
import { BatchConsumer } from './batch-consumer.js';
import { consumerLag } from './consumer.metrics.js';
import { Handlers } from './handlers.js';

/** The service's membership in its consumer group, if it handles any event at all. */
@Injectable()
@NotTraced()
export class EventIntake {
  private subscriber: Subscriber | undefined;

  constructor(
    @Inject(TRANSPORT) private readonly transport: Transport,
    private readonly handlers: Handlers,
    private readonly consumer: BatchConsumer,
    private readonly settings: MessagingSettings,
    private readonly signals: Signals,
  ) {}

  start(): void {
    const types = new Set<string>(this.handlers.byType.keys());
    if (types.size === 0) return;
    const group = this.settings.service;
    this.subscriber = this.transport.subscribe({
      group,
      types,
      process: (deliveries, signal) => this.consumer.process(deliveries, signal),
      onFault: this.signals.fault,
    });
    this.signals.metrics.observeGauge(consumerLag, async () =>
      (await this.transport.lag(group)).map(({ topic = 'all', partition, events }) => ({
        labels: { topic, partition },
        value: events,
      })),
    );
    this.subscriber.start();
  }

  pause(): void {
    this.subscriber?.pause();
  }

  async close(deadline: AbortSignal): Promise<void> {
    await this.subscriber?.close(deadline);
  }
}
