import { Controller, Get, Query } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { cursorOf, windowUntil } from '../series/window.js';
import { resourceUsageQuery } from './resource-usage.schema.js';
import type { ResourceUsageQuery, ResourceUsageReport } from './resource-usage.schema.js';

type Current = Omit<ResourceUsageReport['current'][number], 'sampledAt'> & { sampledAt: Date };
type Bucket = Omit<ResourceUsageReport['items'][number], 'bucket'> & { bucket: Date };

/** What the services use, sampled from their metrics. */
@Controller('resource-usage')
export class ResourceUsageController {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  @Get()
  async report(@Query({ schema: resourceUsageQuery }) query: ResourceUsageQuery): Promise<ResourceUsageReport> {
    const { from, until } = windowUntil(this.clock.now(), query.windowHours);
    const [current, buckets] = await Promise.all([this.current(query, from), this.buckets(query, from)]);
    const items = buckets.slice(0, query.limit).map((row) => ({ ...row, bucket: row.bucket.toISOString() }));
    const last = buckets.length > query.limit ? items.at(-1) : undefined;
    return {
      from: from.toISOString(),
      until: until.toISOString(),
      current: current.map((row) => ({ ...row, sampledAt: row.sampledAt.toISOString() })),
      items,
      nextCursor: last === undefined ? null : cursorOf(last.bucket, last.service),
    };
  }

  private async current(query: ResourceUsageQuery, from: Date): Promise<Current[]> {
    const { rows } = await sql<Current>`
      select service, up, cpu_cores as "cpuCores", resident_memory_bytes::float8 as "residentMemoryBytes",
        heap_used_bytes::float8 as "heapUsedBytes", event_loop_lag_seconds as "eventLoopLagSeconds", time as "sampledAt"
      from resource_usage where time = (select max(time) from resource_usage where time >= ${from}) and ${wanted(query)}
      order by service`.execute(this.db.kysely);
    return rows;
  }

  private async buckets(query: ResourceUsageQuery, from: Date): Promise<Bucket[]> {
    const [time, service = ''] = query.cursor ?? [];
    const after = time === undefined ? sql`true` : sql`(bucket, service) < (${time}::timestamptz, ${service})`;
    const { rows } = await sql<Bucket>`
      select bucket, service, up_share as "upShare", mean_cpu_cores as "meanCpuCores", max_cpu_cores as "maxCpuCores",
        mean_resident_memory_bytes as "meanResidentMemoryBytes",
        max_resident_memory_bytes::float8 as "maxResidentMemoryBytes",
        max_event_loop_lag_seconds as "maxEventLoopLagSeconds"
      from resource_usage_5m where bucket >= ${from}::timestamptz - interval '5 minutes' and ${wanted(query)} and ${after}
      order by bucket desc, service desc limit ${query.limit + 1}`.execute(this.db.kysely);
    return rows;
  }
}

const wanted = ({ service }: ResourceUsageQuery): ReturnType<typeof sql> =>
  service === undefined ? sql`true` : sql`service = ${service}`;
