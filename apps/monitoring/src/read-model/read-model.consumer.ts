import { Injectable } from '@nestjs/common';
import { OnEvent } from '@signalpress/messaging';
import type { ReceivedEvent } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { ReadModelService } from './read-model.service.js';
import type { MonitoringTables } from './read-model.tables.js';

type Tx = Transaction<MonitoringTables>;

/** Every event type there is; a spec compares this class with the catalogue. */
@Injectable()
export class ReadModelConsumer {
  constructor(private readonly model: ReadModelService) {}

  @OnEvent('signals.ingested', { onPoison: 'dead-letter' })
  signalIngested(event: ReceivedEvent<'signals.ingested'>, tx: Tx): Promise<void> {
    return this.model.recordSignal(event, tx);
  }

  @OnEvent('ideas.scored', { onPoison: 'dead-letter' })
  ideaScored(event: ReceivedEvent<'ideas.scored'>, tx: Tx): Promise<void> {
    return this.model.recordScore(event, tx);
  }

  @OnEvent('ideas.decided', { onPoison: 'dead-letter' })
  ideaDecided(event: ReceivedEvent<'ideas.decided'>, tx: Tx): Promise<void> {
    return this.model.recordDecision(event, tx);
  }

  @OnEvent('mockups.requested', { onPoison: 'dead-letter' })
  mockupsRequested(event: ReceivedEvent<'mockups.requested'>, tx: Tx): Promise<void> {
    return this.model.recordAndFold('mockups.requested', event, tx);
  }

  @OnEvent('mockups.generated', { onPoison: 'dead-letter' })
  mockupsGenerated(event: ReceivedEvent<'mockups.generated'>, tx: Tx): Promise<void> {
    return this.model.recordAndFold('mockups.generated', event, tx);
  }

  @OnEvent('mockups.failed', { onPoison: 'dead-letter' })
  mockupsFailed(event: ReceivedEvent<'mockups.failed'>, tx: Tx): Promise<void> {
    return this.model.recordAndFold('mockups.failed', event, tx);
  }

  @OnEvent('listings.requested', { onPoison: 'dead-letter' })
  listingRequested(event: ReceivedEvent<'listings.requested'>, tx: Tx): Promise<void> {
    return this.model.record('listings.requested', event, tx);
  }

  @OnEvent('listings.published', { onPoison: 'dead-letter' })
  listingPublished(event: ReceivedEvent<'listings.published'>, tx: Tx): Promise<void> {
    return this.model.recordListing(event, tx);
  }

  @OnEvent('listings.failed', { onPoison: 'dead-letter' })
  listingFailed(event: ReceivedEvent<'listings.failed'>, tx: Tx): Promise<void> {
    return this.model.recordAndFold('listings.failed', event, tx);
  }

  @OnEvent('listings.withdraw-requested', { onPoison: 'dead-letter' })
  withdrawRequested(event: ReceivedEvent<'listings.withdraw-requested'>, tx: Tx): Promise<void> {
    return this.model.record('listings.withdraw-requested', event, tx);
  }

  @OnEvent('listings.withdrawn', { onPoison: 'dead-letter' })
  listingWithdrawn(event: ReceivedEvent<'listings.withdrawn'>, tx: Tx): Promise<void> {
    return this.model.recordAndFold('listings.withdrawn', event, tx);
  }

  @OnEvent('listings.observed', { onPoison: 'dead-letter' })
  listingObserved(event: ReceivedEvent<'listings.observed'>, tx: Tx): Promise<void> {
    return this.model.record('listings.observed', event, tx);
  }

  @OnEvent('feedback.received', { onPoison: 'dead-letter' })
  feedbackReceived(event: ReceivedEvent<'feedback.received'>, tx: Tx): Promise<void> {
    return this.model.recordPerformance(event, tx);
  }

  @OnEvent('listings.drifted', { onPoison: 'dead-letter' })
  listingDrifted(event: ReceivedEvent<'listings.drifted'>, tx: Tx): Promise<void> {
    return this.model.recordSync(event, tx);
  }

  @OnEvent('weights.updated', { onPoison: 'dead-letter' })
  weightsUpdated(event: ReceivedEvent<'weights.updated'>, tx: Tx): Promise<void> {
    return this.model.recordWeights(event, tx);
  }

  /** Incidents are rows of this service before they are events; there is nothing to learn from them. */
  @OnEvent('alerts.opened', { onPoison: 'dead-letter' })
  alertOpened(): Promise<void> {
    return Promise.resolve();
  }

  @OnEvent('alerts.resolved', { onPoison: 'dead-letter' })
  alertResolved(): Promise<void> {
    return Promise.resolve();
  }
}
