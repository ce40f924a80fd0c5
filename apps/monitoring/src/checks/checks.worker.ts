import type { Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { AlertCondition } from '@signalpress/contracts';
import { Worker } from '@signalpress/messaging';
import type { Effect, JobHandler } from '@signalpress/messaging';
import { ErrorReporter, Metrics } from '@signalpress/observability';
import { isUnavailable } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import { IncidentKeeper } from '../incidents/incident.keeper.js';
import { checkRuns } from '../incidents/incidents.metrics.js';
import type { IncidentTables } from '../incidents/incidents.tables.js';
import { SlaRepository } from '../sla/sla.repository.js';
import { ChecksRepository } from './checks.repository.js';
import { CheckSettings } from './checks.settings.js';
import { checkListingSync } from './listing-sync.check.js';
import { checkPublishLatency } from './publish-latency.check.js';
import { checkQueueBacklog } from './queue-backlog.check.js';
import { checkStuckIdeas } from './stuck-ideas.check.js';
import type { CheckResult } from './verdict.js';

/** Ideas that an incident names. */
const STUCK_NAMED = 10;

/** Looks at everything that is agreed on. A check that cannot look says nothing, and its incidents stay as they are. */
@Injectable()
export class Checks {
  private readonly runs;

  constructor(
    private readonly sla: SlaRepository,
    private readonly figures: ChecksRepository,
    private readonly settings: CheckSettings,
    private readonly reporter: ErrorReporter,
    metrics: Metrics,
  ) {
    this.runs = metrics.counter(checkRuns);
  }

  /** @throws when the database is away: then no check can look */
  async results(now: Date): Promise<CheckResult[]> {
    const checks: readonly [AlertCondition, () => Promise<CheckResult | undefined>][] = [
      ['publish-latency', () => this.publishLatency()],
      ['stuck-ideas', () => this.stuckIdeas()],
      ['queue-backlog', () => this.queueBacklog(now)],
      ['listing-sync', async () => checkListingSync(await this.figures.drifts(now), this.settings.driftLimit)],
    ];
    const results: CheckResult[] = [];
    for (const [condition, check] of checks) {
      const result = await this.attempt(condition, check);
      if (result !== undefined) results.push(result);
    }
    return results;
  }

  private async attempt(
    condition: AlertCondition,
    check: () => Promise<CheckResult | undefined>,
  ): Promise<CheckResult | undefined> {
    try {
      const result = await check();
      const broken = result?.verdicts.some((verdict) => verdict.broken) === true;
      this.runs.inc({ condition, outcome: result === undefined ? 'failed' : broken ? 'broken' : 'holds' });
      return result;
    } catch (error) {
      this.runs.inc({ condition, outcome: 'failed' });
      if (isUnavailable(error)) throw error;
      this.reporter.report(error, { kind: 'job', name: `check ${condition}` });
      return undefined;
    }
  }

  private async publishLatency(): Promise<CheckResult> {
    const { latency } = this.settings;
    return checkPublishLatency(await this.sla.figures(latency.windowSeconds / 3_600), latency);
  }

  private async stuckIdeas(): Promise<CheckResult> {
    const { count, ideas } = await this.sla.stuckIdeas(STUCK_NAMED);
    return checkStuckIdeas(count, ideas, this.settings.latency.thresholdSeconds);
  }

  private async queueBacklog(now: Date): Promise<CheckResult | undefined> {
    const { backlog, sampleFreshSeconds: freshSeconds } = this.settings;
    const queues = await this.figures.queues(now, { limit: backlog.events, seconds: backlog.seconds, freshSeconds });
    return queues === undefined ? undefined : checkQueueBacklog(queues, backlog);
  }
}

/** One round of checks; what comes of it is written in the transaction that ends the round, so a round that was lost writes nothing. */
@Injectable()
export class CheckRound implements JobHandler<unknown> {
  constructor(
    private readonly checks: Checks,
    private readonly keeper: IncidentKeeper,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<Effect<IncidentTables>> {
    const now = this.clock.now();
    const results = await this.checks.results(now);
    return (tx) => this.keeper.conclude(tx, results, now);
  }
}

/** The round as a recurring worker; its interval is a setting, so the class is made when the module is. */
export function checkWorker(everyMs: number): Type<JobHandler<unknown>> {
  @Worker({ name: 'checks', concurrency: 1, everyMs, payload: z.object({}) })
  class CheckWorker extends CheckRound {}
  return CheckWorker;
}
