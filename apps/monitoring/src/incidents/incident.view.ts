import { BadRequestException } from '@nestjs/common';
import { z } from 'zod';
import type { IncidentLinks } from '../pagerduty/pagerduty.event.js';
import type { ShownNotification } from './incidents.repository.js';
import type { Incident, IncidentDetails } from './incidents.schema.js';
import type { IncidentChangeRow, IncidentRow } from './incidents.tables.js';

export function incidentView(row: IncidentRow, links: IncidentLinks): Incident {
  return {
    id: row.incident_id,
    condition: row.condition,
    subject: row.subject,
    dedupKey: row.dedup_key,
    severity: row.severity,
    state: row.state,
    summary: row.summary,
    openedAt: row.opened_at.toISOString(),
    openings: row.openings,
    reopenedAt: text(row.reopened_at),
    announced: row.announced,
    acknowledgedAt: text(row.acknowledged_at),
    acknowledgedBy: row.acknowledged_by,
    note: row.acknowledged_note,
    resolvedAt: text(row.resolved_at),
    resolution: row.resolution,
    checkedAt: row.checked_at.toISOString(),
    links,
  };
}

export function detailsView(
  row: IncidentRow,
  links: IncidentLinks,
  history: readonly IncidentChangeRow[],
  notifications: readonly ShownNotification[],
): IncidentDetails {
  return {
    ...incidentView(row, links),
    figures: row.figures,
    history: history.map(({ change, at, by, note }) => ({ change, at: at.toISOString(), by, note })),
    notifications: notifications.map((one) => ({
      action: one.action,
      opening: one.opening,
      state: one.state,
      attempts: one.attempts,
      lastError: one.last_error,
      createdAt: one.created_at.toISOString(),
      finishedAt: text(one.finished_at),
    })),
  };
}

const text = (instant: Date | null): string | null => (instant === null ? null : instant.toISOString());

const content = z.tuple([z.iso.datetime(), z.uuid()]);

/** Callers hand it back as it is; what is in it may change. */
export function cursorOf({ opened_at: openedAt, incident_id: id }: IncidentRow): string {
  return Buffer.from(JSON.stringify([openedAt.toISOString(), id])).toString('base64url');
}

/** @throws BadRequestException if we did not make it */
export function pageEndOf(cursor: string): { openedAt: Date; id: string } {
  const { data } = content.safeParse(parsed(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (data === undefined) throw new BadRequestException('cursor: not one of ours', { errorCode: 'invalid-request' });
  return { openedAt: new Date(data[0]), id: data[1] };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
