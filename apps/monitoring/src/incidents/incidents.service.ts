import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { Database } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { Notifications } from '../pagerduty/notifications.js';
import { linksOf } from '../pagerduty/pagerduty.links.js';
import { PagerDutySettings } from '../pagerduty/pagerduty.settings.js';
import { cursorOf, detailsView, incidentView, pageEndOf } from './incident.view.js';
import { IncidentsRepository } from './incidents.repository.js';
import type { Acknowledgement, IncidentDetails, IncidentPage, IncidentsQuery } from './incidents.schema.js';
import type { IncidentTables } from './incidents.tables.js';

const HOUR_MS = 3_600_000;

@Injectable()
export class IncidentsService {
  constructor(
    private readonly db: Database<IncidentTables>,
    private readonly repository: IncidentsRepository,
    private readonly notifications: Notifications,
    private readonly pagerDuty: PagerDutySettings,
    private readonly clock: Clock,
  ) {}

  /** Incidents that stood at some time in the window, newest first. */
  async page({ state, windowHours, limit, cursor }: IncidentsQuery): Promise<IncidentPage> {
    const since = new Date(this.clock.now().getTime() - windowHours * HOUR_MS);
    const after = cursor === undefined ? undefined : pageEndOf(cursor);
    const rows = await this.repository.page({ state, since, after, limit });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map((row) => incidentView(row, linksOf(row.condition, this.pagerDuty))),
      nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
    };
  }

  /** @throws NotFoundException */
  async details(id: string): Promise<IncidentDetails> {
    const row = await this.repository.find(id);
    if (row === undefined) throw notFound();
    const [history, notifications] = await Promise.all([
      this.repository.history(id),
      this.repository.notifications(id),
    ]);
    return detailsView(row, linksOf(row.condition, this.pagerDuty), history, notifications);
  }

  /**
   * Somebody takes it on. The same word twice changes nothing; another person may take over.
   *
   * @throws NotFoundException
   * @throws ConflictException when it is resolved
   */
  async acknowledge(id: string, { who, note: words }: Acknowledgement): Promise<IncidentDetails> {
    const at = this.clock.now();
    const note = words ?? null;
    await this.db.transaction(async (tx) => {
      const row = await this.repository.locked(tx, id);
      if (row === undefined) throw notFound();
      if (row.state === 'resolved') {
        throw new ConflictException('The incident is resolved.', { errorCode: 'incident-resolved' });
      }
      if (row.acknowledged_by === who && row.acknowledged_note === note) return;
      await this.repository.update(tx, id, {
        state: 'acknowledged',
        acknowledged_at: at,
        acknowledged_by: who,
        acknowledged_note: note,
      });
      await this.repository.changed(tx, id, 'acknowledged', at, { by: who, note });
      if (row.paged) await this.notifications.followUp(tx, row, 'acknowledge');
    });
    return this.details(id);
  }
}

const notFound = (): NotFoundException =>
  new NotFoundException('There is no such incident.', { errorCode: 'incident-not-found' });
