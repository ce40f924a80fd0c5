import { Injectable } from '@nestjs/common';
import { Database, isUnavailable, sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { windowUntil } from '../series/window.js';

/** How the services were. */
@Injectable()
export class StatusRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * By service; of the five minutes that the window begins in, all count. Nothing while the database is away: how the services are
   * now is then asked most.
   */
  async upShares(windowHours: number): Promise<ReadonlyMap<string, number>> {
    const { from } = windowUntil(this.clock.now(), windowHours);
    try {
      const { rows } = await sql<{ service: string; share: number }>`
        select service, avg(up_share)::float8 as share from resource_usage_5m
        where bucket >= ${from}::timestamptz - interval '5 minutes' group by service`.execute(this.db.kysely);
      return new Map(rows.map(({ service, share }) => [service, share]));
    } catch (error) {
      if (isUnavailable(error)) return new Map();
      throw error;
    }
  }
}
