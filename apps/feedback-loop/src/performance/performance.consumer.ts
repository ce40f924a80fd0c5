import { Injectable } from '@nestjs/common';
import { OnEvent } from '@signalpress/messaging';
import type { ReceivedEvent } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { PerformanceRepository } from './performance.repository.js';
import { PerformanceService } from './performance.service.js';
import type { FeedbackTables } from './performance.tables.js';

type Tx = Transaction<FeedbackTables>;

/** Scores, listings and what is observed of them. */
@Injectable()
export class PerformanceConsumer {
  constructor(
    private readonly repository: PerformanceRepository,
    private readonly performance: PerformanceService,
  ) {}

  @OnEvent('ideas.scored', { onPoison: 'dead-letter' })
  scored(event: ReceivedEvent<'ideas.scored'>, tx: Tx): Promise<void> {
    return this.repository.saveScore(tx, event.data);
  }

  @OnEvent('listings.published', { onPoison: 'dead-letter' })
  published(event: ReceivedEvent<'listings.published'>, tx: Tx): Promise<void> {
    return this.performance.publish(tx, event.data);
  }

  @OnEvent('listings.withdrawn', { onPoison: 'dead-letter' })
  withdrawn(event: ReceivedEvent<'listings.withdrawn'>, tx: Tx): Promise<void> {
    return this.repository.saveWithdrawn(tx, event.data);
  }

  @OnEvent('listings.observed', { onPoison: 'dead-letter' })
  observed(event: ReceivedEvent<'listings.observed'>, tx: Tx): Promise<void> {
    return this.performance.observe(tx, event.data);
  }
}
