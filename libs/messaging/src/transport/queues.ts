import { NotTraced } from '@signalpress/observability';
import { Inject, Injectable } from '@nestjs/common';
import { TRANSPORT } from './transport.js';
import type { QueueLength, Transport } from './transport.js';

/** How much each consumer group has yet to handle, for those who watch over all services. */
@Injectable()
@NotTraced()
export class Queues {
  constructor(@Inject(TRANSPORT) private readonly transport: Transport) {}

  /** Every group's queue of every topic that it handles, also those that are empty. */
  lengths(): Promise<QueueLength[]> {
    return this.transport.queues();
  }
}
