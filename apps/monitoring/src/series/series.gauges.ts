import { Injectable } from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { Database, sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { sampledServiceUp } from './series.metrics.js';

const FRESH_MS = 2 * 3_600_000;

/** Read from the database when it is scraped: only one of the instances takes a sample. */
@Injectable()
export class SeriesGauges {
  constructor(metrics: Metrics, db: Database, clock: Clock) {
    metrics.observeGauge(sampledServiceUp, async () => {
      const from = new Date(clock.now().getTime() - FRESH_MS);
      const { rows } = await sql<{ service: string; up: boolean }>`
        select service, up from resource_usage
        where time = (select max(time) from resource_usage where time > ${from}) order by service`.execute(db.kysely);
      return rows.map(({ service, up }) => ({ labels: { target: service }, value: up ? 1 : 0 }));
    });
  }
}
