import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import { UnavailableError, Worker } from '@signalpress/messaging';
import { ErrorReporter, Metrics, ServiceError } from '@signalpress/observability';
import { z } from 'zod';
import type { IncidentTables, NotificationState } from '../incidents/incidents.tables.js';
import { incidentNotifications } from '../incidents/incidents.metrics.js';
import { Notifications, notifyJob } from './notifications.js';
import { NotificationsRepository } from './notifications.repository.js';
import type { NextNotification } from './notifications.repository.js';
import { PagerDutyClient } from './pagerduty.client.js';
import { PagerDutySettings } from './pagerduty.settings.js';

const payload = z.object({ dedupKey: z.string().min(1).max(255) });

interface End {
  readonly state: Exclude<NotificationState, 'waiting'>;
  readonly error?: string;
  readonly tried: boolean;
}

/**
 * Tells PagerDuty the first thing that waits for a dedup key, then the next. A run that was cut off tells the same again, under
 * the same dedup key. Attempts that PagerDuty did not answer count for nothing; the bound is for runs that die with the process.
 */
@Worker({ name: notifyJob, concurrency: 4, leaseMs: 60_000, maxAttempts: 50, payload })
export class NotifyWorker implements JobHandler<z.output<typeof payload>> {
  private readonly outcomes;

  constructor(
    private readonly repository: NotificationsRepository,
    private readonly notifications: Notifications,
    private readonly pagerDuty: PagerDutyClient,
    private readonly settings: PagerDutySettings,
    private readonly reporter: ErrorReporter,
    metrics: Metrics,
  ) {
    this.outcomes = metrics.counter(incidentNotifications);
    for (const outcome of ['delivered', 'retried', 'rejected', 'expired', 'skipped']) this.outcomes.inc({ outcome }, 0);
  }

  /** @throws UnavailableError while PagerDuty does not take it */
  async run({ payload: { dedupKey }, signal }: Job<z.output<typeof payload>>): Promise<Effect<IncidentTables>> {
    const next = await this.repository.next(dedupKey);
    if (next === undefined) return () => Promise.resolve();
    const end = this.withoutAsking(next) ?? (await this.tell(next, signal));
    this.outcomes.inc({ outcome: end.state });
    if (end.state === 'rejected' || end.state === 'expired') this.report(next, end);
    return async (tx) => {
      await this.repository.finish(tx, next.notification_id, end);
      if (await this.repository.isWaiting(tx, dedupKey)) await this.notifications.enqueue(tx, dedupKey);
    };
  }

  /** A page that never arrived is not acknowledged or resolved either. */
  private withoutAsking({ overdue, triggerState }: NextNotification): End | undefined {
    if (!this.settings.enabled) return { state: 'skipped', error: 'PagerDuty is switched off', tried: false };
    if (triggerState !== null && triggerState !== 'delivered') {
      return { state: 'skipped', error: `The trigger was ${triggerState}`, tried: false };
    }
    return overdue ? { state: 'expired', tried: false } : undefined;
  }

  private async tell({ notification_id: id, body }: NextNotification, signal: AbortSignal): Promise<End> {
    try {
      const answer = await this.pagerDuty.send(body, signal);
      return answer.accepted
        ? { state: 'delivered', tried: true }
        : { state: 'rejected', error: answer.reason, tried: true };
    } catch (error) {
      if (error instanceof UnavailableError && !signal.aborted) {
        this.outcomes.inc({ outcome: 'retried' });
        await this.repository.failed(id, error.message);
      }
      throw error;
    }
  }

  private report({ action, incident_id: incidentId }: NextNotification, { state, error }: End): void {
    const because = error === undefined ? 'it could not be delivered until its deadline' : error;
    const message = `The ${action} of incident ${incidentId} never reached PagerDuty: ${because}`;
    const code = `pagerduty-${state}`;
    this.reporter.report(new ServiceError(message, { code, severity: 'unexpected', retryable: false }), {
      kind: 'job',
      name: notifyJob,
    });
  }
}
