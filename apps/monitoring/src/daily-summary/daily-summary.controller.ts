import { Controller, Get, Query } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { MonitoringSettings } from '../monitoring.settings.js';
import { windowUntil } from '../series/window.js';
import { dailySummaryQuery } from './daily-summary.schema.js';
import type { DailySummary, DailySummaryQuery, DaySummary } from './daily-summary.schema.js';

const TOP = 5;

/** What happened, day by day in the shop's time zone. */
@Controller('daily-summary')
export class DailySummaryController {
  constructor(
    private readonly db: Database,
    private readonly settings: MonitoringSettings,
    private readonly clock: Clock,
  ) {}

  @Get()
  async report(@Query({ schema: dailySummaryQuery }) query: DailySummaryQuery): Promise<DailySummary> {
    const { from, until } = windowUntil(this.clock.now(), query.windowHours);
    const days = await this.days(from, until, query);
    const items = days.slice(0, query.limit);
    const nextCursor = days.length > query.limit ? (items.at(-1)?.day ?? null) : null;
    return { timezone: this.settings.shopTimezone, items, nextCursor };
  }

  private async days(from: Date, until: Date, { cursor, limit }: DailySummaryQuery): Promise<DaySummary[]> {
    const zone = sql`${this.settings.shopTimezone}::text`;
    const before = cursor === undefined ? sql`true` : sql`day < ${cursor}::date`;
    const { rows } = await sql<DaySummary>`
      with days as (
        select day, day::timestamp at time zone ${zone} as since, (day + 1)::timestamp at time zone ${zone} as until
        from generate_series((${from}::timestamptz at time zone ${zone})::date,
          (${until}::timestamptz at time zone ${zone})::date, interval '1 day') as moment
        cross join lateral (select moment::date as day) as d
        where ${before} order by day desc limit ${limit + 1})
      select to_char(day, 'YYYY-MM-DD') as day,
        (select count(*)::integer from signals where captured_at >= since and captured_at < until) as signals,
        (select coalesce(jsonb_object_agg(outcome, ideas), '{}') from (
          select outcome, count(*) as ideas from ideas
          where founding_captured_at >= since and founding_captured_at < until group by outcome) as became) as ideas,
        (select jsonb_build_object('ideas', count(*), 'meanSeconds', avg(latency_seconds),
            'p95Seconds', percentile_cont(0.95) within group (order by latency_seconds),
            'withinSla', count(*) filter (where within_sla))
          from publish_latency where time >= since and time < until) as published,
        (select coalesce(jsonb_agg(to_jsonb(best)), '[]') from (${topIdeas}) as best) as "topIdeas",
        (select coalesce(jsonb_agg(to_jsonb(broke)), '[]') from (
          select condition, count(*) as opened, count(*) filter (where state <> 'resolved') as "stillOpen"
          from incidents where opened_at >= since and opened_at < until group by condition order by condition) as broke
        ) as incidents
      from days order by day desc`.execute(this.db.kysely);
    return rows;
  }
}

const topIdeas = sql`
  select ideas.idea_id as "ideaId", phrase, score, coalesce(views, 0) as views, coalesce(favourites, 0) as favourites,
    coalesce(sales, 0) as sales
  from ideas left join lateral (
    select views, favourites, sales from idea_performance p where p.idea_id = ideas.idea_id order by time desc limit 1
  ) as newest on true
  where published_at >= since and published_at < until
  order by sales desc nulls last, favourites desc nulls last, views desc nulls last, score desc nulls last, ideas.idea_id
  limit ${sql.lit(TOP)}`;
