import { Controller, Get, Query } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { windowUntil } from '../series/window.js';
import { optimizationQuery } from './optimization.schema.js';
import type { OptimizationQuery, OptimizationReport } from './optimization.schema.js';

type Weights = Omit<OptimizationReport['weights'][number], 'updatedAt'> & { updatedAt: Date };

const MOST_SOURCES = 200;
const MOST_VERSIONS = 50;

/** Scores, weights over time, approvals and conversion. */
@Controller('optimization')
export class OptimizationController {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  @Get()
  async report(@Query({ schema: optimizationQuery }) query: OptimizationQuery): Promise<OptimizationReport> {
    const { from, until } = windowUntil(this.clock.now(), query.windowHours);
    const [scores, factors, weights, [approvals], [performance]] = await Promise.all([
      this.rows<OptimizationReport['scores'][number]>(sql`
        select source, count(*)::integer as scores, avg(score) as mean,
          percentile_cont(0.95) within group (order by score) as p95
        from idea_scores where time >= ${from} group by source order by source limit ${MOST_SOURCES}`),
      this.rows<OptimizationReport['factors'][number]>(sql`
        select factor, avg(value) as "meanValue", avg(weight) as "meanWeight"
        from factor_scores where time >= ${from} group by factor order by factor`),
      this.rows<Weights>(sql`
        select version, max(time) as "updatedAt", max(samples) as samples, jsonb_object_agg(factor, weight) as weights
        from weight_history where time >= ${from} group by version order by version desc limit ${MOST_VERSIONS}`),
      this.rows<OptimizationReport['approvals']>(sql`
        select (count(*) filter (where decision = 'approved'))::integer as approved,
          (count(*) filter (where decision = 'rejected'))::integer as rejected,
          (count(*) filter (where decision = 'held'))::integer as held,
          (count(*) filter (where decision = 'deferred'))::integer as deferred,
          (avg(case decision when 'approved' then 1.0 when 'rejected' then 0.0 end))::float8 as rate
        from (select distinct on (idea_id) decision from decisions where time >= ${from} order by idea_id, time desc) d`),
      this.rows<OptimizationReport['performance']>(sql`
        select count(*)::integer as ideas, coalesce(sum(views), 0)::float8 as views,
          coalesce(sum(favourites), 0)::float8 as favourites, coalesce(sum(sales), 0)::float8 as sales,
          least(1, sum(sales)::float8 / nullif(sum(views), 0)) as conversion
        from (select distinct on (idea_id) * from idea_performance where time >= ${from} order by idea_id, time desc) p`),
    ]);
    if (approvals === undefined || performance === undefined) throw new Error('a count always has a row');
    return {
      from: from.toISOString(),
      until: until.toISOString(),
      scores,
      factors,
      weights: weights.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() })),
      approvals,
      performance,
    };
  }

  private async rows<T>(query: ReturnType<typeof sql>): Promise<T[]> {
    const { rows } = await sql<T>`${query}`.execute(this.db.kysely);
    return rows;
  }
}
