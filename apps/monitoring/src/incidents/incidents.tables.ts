import type { AlertCondition, AlertSeverity } from '@signalpress/contracts';
import type { PagerDutyEvent } from '../pagerduty/pagerduty.event.js';
import type { ColumnType, Generated, Selectable } from '@signalpress/persistence';

export type IncidentState = 'open' | 'acknowledged' | 'resolved';
export type IncidentChange = 'opened' | 'reopened' | 'announced' | 'acknowledged' | 'resolved';
export type NotificationAction = 'trigger' | 'acknowledge' | 'resolve';
export type NotificationState = 'waiting' | 'delivered' | 'rejected' | 'expired' | 'skipped';

/** Numbers and names behind a verdict; they go into an incident as they are. */
export type Figures = Readonly<Record<string, string | number | readonly (string | number)[]>>;

/** Written as JSON text. */
type Json<T> = ColumnType<T, string, string>;

export interface IncidentsTable {
  incident_id: string;
  dedup_key: string;
  condition: AlertCondition;
  subject: string | null;
  severity: AlertSeverity;
  state: IncidentState;
  summary: string;
  figures: Json<Figures>;
  opened_at: Date;
  openings: Generated<number>;
  reopened_at: Date | null;
  announced: boolean;
  paged: Generated<boolean>;
  quiet_until: Date | null;
  good_checks: Generated<number>;
  checked_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  acknowledged_note: string | null;
  resolved_at: Date | null;
  resolution: string | null;
}

export interface IncidentChangesTable {
  change_id: Generated<string>;
  incident_id: string;
  change: IncidentChange;
  at: Date;
  /** A person, or `monitoring`. */
  by: string;
  note: string | null;
}

export interface IncidentNotificationsTable {
  notification_id: Generated<string>;
  incident_id: string;
  dedup_key: string;
  opening: number;
  action: NotificationAction;
  /** Without the routing key. */
  body: Json<PagerDutyEvent>;
  state: Generated<NotificationState>;
  attempts: Generated<number>;
  last_error: string | null;
  created_at: Generated<Date>;
  deadline: Date;
  last_attempt_at: Date | null;
  finished_at: Date | null;
}

export interface IncidentTables {
  incidents: IncidentsTable;
  incident_changes: IncidentChangesTable;
  incident_notifications: IncidentNotificationsTable;
}

export type IncidentRow = Selectable<IncidentsTable>;
export type IncidentChangeRow = Selectable<IncidentChangesTable>;
export type NotificationRow = Selectable<IncidentNotificationsTable>;
