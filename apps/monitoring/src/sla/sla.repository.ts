import { Injectable } from '@nestjs/common';
import { Database, sql } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { MonitoringSettings } from '../monitoring.settings.js';
import type { MonitoringTables } from '../read-model/read-model.tables.js';

const HOUR_SECONDS = 3_600;

/** How the agreement is kept. Ideas count when their first listing lies in the window. */
export interface SlaFigures {
  /** Mean publish latency that is agreed on. */
  readonly thresholdSeconds: number;
  readonly windowSeconds: number;
  /** Ideas in the window. */
  readonly ideas: number;
  /** Null without ideas, like the share. */
  readonly meanSeconds: number | null;
  /** Share of the ideas within the threshold, 0..1. */
  readonly withinShare: number | null;
  /** For how long the oldest idea that is not published has been in a working state; null when there is none. */
  readonly oldestUnpublishedAgeSeconds: number | null;
}

/** An idea that has been in a working state for longer than is agreed on. */
export interface StuckIdea {
  readonly ideaId: string;
  readonly phrase: string | null;
  /** What it waits for. */
  readonly step: 'deciding' | 'rendering' | 'listing';
  /** Since when it works: capture of the founding signal, or the end of its hold. */
  readonly since: Date;
  readonly ageSeconds: number;
}

export interface StuckIdeas {
  /** All there are. */
  readonly count: number;
  /** The oldest of them. */
  readonly ideas: StuckIdea[];
}

/** The figures of the agreement, as checks, metrics and HTTP all see them. */
@Injectable()
export class SlaRepository {
  constructor(
    private readonly db: Database<MonitoringTables>,
    private readonly settings: MonitoringSettings,
    private readonly clock: Clock,
  ) {}

  async figures(windowHours: number): Promise<SlaFigures> {
    const windowSeconds = windowHours * HOUR_SECONDS;
    const thresholdSeconds = this.thresholdSeconds();
    const { rows } = await sql<Omit<SlaFigures, 'thresholdSeconds' | 'windowSeconds'>>`
      select ideas, mean_seconds as "meanSeconds", within_share as "withinShare",
        oldest_unpublished_age_seconds as "oldestUnpublishedAgeSeconds"
      from sla_figures(${this.clock.now()}, make_interval(secs => ${windowSeconds}), ${thresholdSeconds})`.execute(
      this.db.kysely,
    );
    const nothing = { ideas: 0, meanSeconds: null, withinShare: null, oldestUnpublishedAgeSeconds: null };
    return { thresholdSeconds, windowSeconds, ...(rows[0] ?? nothing) };
  }

  /** Never an idea that is held, deferred, rejected, withdrawn or failed: those wait for nobody here. */
  async stuckIdeas(limit: number, after?: { readonly since: Date; readonly id: string }): Promise<StuckIdeas> {
    const now = this.clock.now();
    const stuck = sql`
      select idea_id as "ideaId", phrase, step, since, extract(epoch from ${now}::timestamptz - since)::float8 as "ageSeconds"
      from ideas_working where since < ${now}::timestamptz - make_interval(secs => ${this.thresholdSeconds()})`;
    // To the millisecond, as a caller knows it.
    const order = sql`date_trunc('milliseconds', since), "ideaId"`;
    const later = after === undefined ? sql`true` : sql`(${order}) > (${after.since}::timestamptz, ${after.id}::uuid)`;
    const [counted, page] = await Promise.all([
      sql<{ count: number }>`select count(*)::integer as count from (${stuck}) stuck`.execute(this.db.kysely),
      sql<StuckIdea>`select * from (${stuck}) stuck where ${later} order by ${order} limit ${limit}`.execute(
        this.db.kysely,
      ),
    ]);
    return { count: counted.rows[0]?.count ?? 0, ideas: page.rows };
  }

  /** Tells the views what is agreed on, and what time it is. */
  async storeSettings(): Promise<void> {
    await sql`
      update sla_settings set threshold_seconds = ${this.thresholdSeconds()},
        window_seconds = ${this.settings.slaWindowHours * HOUR_SECONDS},
        clock_ahead_seconds = extract(epoch from ${this.clock.now()}::timestamptz - clock_timestamp())`.execute(
      this.db.kysely,
    );
  }

  private thresholdSeconds(): number {
    return this.settings.slaThresholdHours * HOUR_SECONDS;
  }
}
