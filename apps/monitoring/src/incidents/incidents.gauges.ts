import { Injectable } from '@nestjs/common';
import { alertCondition } from '@signalpress/contracts';
import { Metrics } from '@signalpress/observability';
import { incidentsByState } from './incidents.metrics.js';
import { IncidentsRepository } from './incidents.repository.js';

const states = ['open', 'acknowledged', 'resolved'] as const;

/** Read from the database when it is scraped; every series is there, also while nothing is broken. */
@Injectable()
export class IncidentGauges {
  constructor(metrics: Metrics, incidents: IncidentsRepository) {
    metrics.observeGauge(incidentsByState, async () => {
      const counts = new Map(
        (await incidents.countByState()).map((row) => [`${row.condition} ${row.state}`, row.count]),
      );
      return alertCondition.options.flatMap((condition) =>
        states.map((state) => ({ labels: { condition, state }, value: counts.get(`${condition} ${state}`) ?? 0 })),
      );
    });
  }
}
