import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { listingDrifts } from './drifts.metrics.js';
import { DriftsRepository } from './drifts.repository.js';

/** Read from the database when it is scraped, so that every instance says the same. */
@Injectable()
export class DriftsGauges {
  constructor(metrics: Metrics, drifts: DriftsRepository) {
    metrics.observeGauge(listingDrifts, async () =>
      (await drifts.countByKind()).map(({ kind, count }) => ({ labels: { kind }, value: count })),
    );
  }
}
