import { Injectable } from '@nestjs/common';
import type { EventData } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import { Metrics, semconv, setSpanAttributes } from '@signalpress/observability';
import type { CounterInstrument } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { observationsTotal } from './performance.metrics.js';
import { PerformanceRepository } from './performance.repository.js';
import type { FeedbackTables } from './performance.tables.js';
import { sameCounts, totalsOf } from './totals.js';

type Tx = Transaction<FeedbackTables>;

/** Turns counts of listings into the performance of ideas. */
@Injectable()
export class PerformanceService {
  private readonly observations: CounterInstrument<'result'>;

  constructor(
    private readonly repository: PerformanceRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.observations = metrics.counter(observationsTotal);
  }

  /** A listing that nobody looked at yet performs, too: with zeros. */
  async publish(tx: Tx, listing: EventData<'listings.published'>): Promise<void> {
    await this.repository.lockTotals(tx, listing.ideaId, this.clock.now());
    await this.repository.savePublished(tx, listing);
  }

  /** Takes the counts of a listing unless newer ones are known, and tells the others when the idea's totals changed. */
  async observe(tx: Tx, observation: EventData<'listings.observed'>): Promise<void> {
    const { ideaId } = observation;
    setSpanAttributes({ [semconv.attributeNames.ideaId]: ideaId });
    const at = this.clock.now();
    // First the idea: two listings of one idea that are observed at once are summed up one after the other.
    const known = await this.repository.lockTotals(tx, ideaId, at);
    if (!(await this.repository.saveObservation(tx, observation))) {
      this.observations.inc({ result: 'outdated' });
      return;
    }
    const totals = totalsOf(await this.repository.countsOf(tx, ideaId));
    const unchanged = sameCounts(known, totals);
    this.observations.inc({ result: unchanged ? 'unchanged' : 'changed' });
    if (unchanged) return;
    await this.repository.saveTotals(tx, ideaId, totals, at);
    const { views, favourites, sales, conversion } = totals;
    await this.outbox.publish(tx, 'feedback.received', {
      ideaId,
      views,
      favourites,
      sales,
      conversion,
      observedAt: (totals.observedAt ?? at).toISOString(),
    });
  }
}
