import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { ideaTotals } from './performance.metrics.js';
import { PerformanceQueries } from './performance.queries.js';

/** Gauges that are read from the database when they are scraped. */
@Injectable()
export class PerformanceGauges {
  constructor(metrics: Metrics, queries: PerformanceQueries) {
    metrics.observeGauge(ideaTotals, async () => {
      const sums = await queries.sums();
      return Object.entries(sums).map(([count, value]) => ({ labels: { count }, value }));
    });
  }
}
