import { Injectable } from '@nestjs/common';
import { Jobs } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import type { IncidentTables } from '../incidents/incidents.tables.js';
import { NotificationsRepository } from './notifications.repository.js';
import { followUpEvent, triggerEvent } from './pagerduty.event.js';
import type { Paged } from './pagerduty.event.js';
import { linksOf } from './pagerduty.links.js';
import { PagerDutySettings } from './pagerduty.settings.js';

export const notifyJob = 'notify-pagerduty';

/** Writes what PagerDuty is to be told, in the transaction that makes it true. */
@Injectable()
export class Notifications {
  constructor(
    private readonly repository: NotificationsRepository,
    private readonly jobs: Jobs,
    private readonly settings: PagerDutySettings,
  ) {}

  /** Whether the page is on its way; false without PagerDuty. */
  async trigger(tx: Transaction<IncidentTables>, incident: Paged, at: Date): Promise<boolean> {
    if (!this.settings.enabled) return false;
    const event = triggerEvent(incident, at, linksOf(incident.condition, this.settings));
    await this.write(tx, incident, event);
    return true;
  }

  /** For an opening that was paged; PagerDuty hears it after the page. */
  async followUp(tx: Transaction<IncidentTables>, incident: Paged, action: 'acknowledge' | 'resolve'): Promise<void> {
    if (this.settings.enabled) await this.write(tx, incident, followUpEvent(action, incident.dedup_key));
  }

  /** The job that tells what waits; one at a time for a dedup key, which keeps the order. */
  async enqueue(tx: Transaction<IncidentTables>, dedupKey: string): Promise<void> {
    await this.jobs.enqueue(tx, { name: notifyJob, key: dedupKey, payload: { dedupKey } });
  }

  /** Takes up again what nobody tries any more. */
  async resume(tx: Transaction<IncidentTables>): Promise<void> {
    for (const dedupKey of await this.repository.lostKeys(tx)) await this.enqueue(tx, dedupKey);
  }

  private async write(
    tx: Transaction<IncidentTables>,
    incident: Paged,
    event: ReturnType<typeof followUpEvent>,
  ): Promise<void> {
    await this.repository.insert(tx, {
      incidentId: incident.incident_id,
      dedupKey: incident.dedup_key,
      opening: incident.openings,
      action: event.event_action,
      event,
    });
    await this.enqueue(tx, incident.dedup_key);
  }
}
