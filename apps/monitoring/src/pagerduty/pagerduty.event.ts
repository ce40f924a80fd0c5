import { redactText } from '@signalpress/observability';
import { summaryOf } from '../checks/verdict.js';
import type { Figures, IncidentRow, NotificationAction } from '../incidents/incidents.tables.js';

/** An event of PagerDuty's Events API v2, without the routing key: that is added when it is sent. */
export interface PagerDutyEvent {
  readonly event_action: NotificationAction;
  /** At most 255 characters. */
  readonly dedup_key: string;
  readonly payload?: {
    /** At most 1024 characters. */
    readonly summary: string;
    readonly source: string;
    readonly severity: string;
    readonly timestamp: string;
    readonly component: string;
    readonly group: string;
    readonly class: string;
    readonly custom_details: Readonly<Record<string, unknown>>;
  };
  readonly client?: string;
  readonly client_url?: string;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
}

/** Where the one who is paged reads on. */
export interface IncidentLinks {
  readonly dashboard?: string;
  readonly runbook?: string;
}

/** PagerDuty takes 512 kB; the key and the JSON around it have room in what is left. */
const MOST_BYTES = 500_000;
const SOURCE = 'signalpress/monitoring';

export type Paged = Pick<
  IncidentRow,
  'incident_id' | 'dedup_key' | 'condition' | 'subject' | 'severity' | 'summary' | 'figures' | 'opened_at' | 'openings'
>;

/** The trigger of an incident, within every limit of the API. */
export function triggerEvent(incident: Paged, at: Date, links: IncidentLinks): PagerDutyEvent {
  const { dashboard, runbook } = links;
  const event = (details: Readonly<Record<string, unknown>>): PagerDutyEvent => ({
    event_action: 'trigger',
    dedup_key: incident.dedup_key,
    payload: {
      summary: summaryOf(redactText(incident.summary)),
      source: SOURCE,
      severity: incident.severity,
      timestamp: at.toISOString(),
      component: incident.subject ?? 'pipeline',
      group: 'signalpress',
      class: incident.condition,
      custom_details: details,
    },
    client: 'Signalpress monitoring',
    ...(dashboard === undefined ? {} : { client_url: dashboard }),
    links: [
      ...(runbook === undefined ? [] : [{ href: runbook, text: 'Runbook' }]),
      ...(dashboard === undefined ? [] : [{ href: dashboard, text: 'Dashboard' }]),
    ],
  });
  const base = {
    incident_id: incident.incident_id,
    opened_at: incident.opened_at.toISOString(),
    openings: incident.openings,
  };
  const whole = event({ ...base, ...withoutSecrets(incident.figures) });
  return Buffer.byteLength(JSON.stringify(whole)) <= MOST_BYTES
    ? whole
    : event({ ...base, note: 'The figures are too long; see the incident.' });
}

/** Acknowledge and resolve name the trigger and say nothing more. */
export function followUpEvent(action: 'acknowledge' | 'resolve', dedupKey: string): PagerDutyEvent {
  return { event_action: action, dedup_key: dedupKey };
}

function withoutSecrets(figures: Figures): Record<string, unknown> {
  const clean = (value: string | number): string | number => (typeof value === 'string' ? redactText(value) : value);
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.map((one) => clean(one)) : clean(value),
    ]),
  );
}
