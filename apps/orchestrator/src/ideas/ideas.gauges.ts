import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { Clock } from '@signalpress/service-defaults';
import { ideasByState, oldestInState } from '../workflow/workflow.metrics.js';
import { IdeasRepository } from './ideas.repository.js';

/** Gauges that are read from the database when they are scraped. */
@Injectable()
export class IdeasGauges {
  constructor(metrics: Metrics, ideas: IdeasRepository, clock: Clock) {
    metrics.observeGauge(ideasByState, async () => {
      const counts = await ideas.countByState();
      return counts.map(({ state, count }) => ({ labels: { state }, value: count }));
    });
    metrics.observeGauge(oldestInState, async () => {
      const oldest = await ideas.oldestInWork(clock.now());
      return oldest.map(({ state, seconds }) => ({ labels: { state }, value: seconds }));
    });
  }
}
