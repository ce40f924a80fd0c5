import { alertCondition, alertSeverity } from '@signalpress/contracts';
import { z } from 'zod';

/** Incidents are kept for 13 months. */
export const LONGEST_WINDOW_HOURS = 24 * 396;

const state = z.enum(['open', 'acknowledged', 'resolved']);
const instant = z.iso.datetime();

export const incidentsQuery = z.object({
  state: state.optional(),
  windowHours: z.coerce.number().positive().max(LONGEST_WINDOW_HOURS).default(168),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type IncidentsQuery = z.output<typeof incidentsQuery>;

export const incidentParams = z.object({ id: z.uuid() });

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    // PostgreSQL keeps no NUL in a text.
    .refine((value) => !value.includes('\u0000'), 'must not contain a NUL character');

export const acknowledgement = z.strictObject({ who: line(200), note: line(1_000).optional() });
export type Acknowledgement = z.output<typeof acknowledgement>;

export const incident = z.object({
  id: z.uuid(),
  condition: alertCondition,
  subject: z.string().nullable().describe('The part of the platform, for a condition that several can break'),
  dedupKey: z.string().max(255).describe('The name that PagerDuty knows it by'),
  severity: alertSeverity,
  state,
  summary: z.string().describe('One sentence with the numbers, as of the last check that found it broken'),
  openedAt: instant,
  openings: z.int().min(1).describe('How often the condition broke; more than once when it flaps'),
  reopenedAt: instant.nullable(),
  announced: z.boolean().describe('False while it has reopened within the cooldown: nobody is paged a second time'),
  acknowledgedAt: instant.nullable(),
  acknowledgedBy: z.string().nullable(),
  note: z.string().nullable(),
  resolvedAt: instant.nullable(),
  resolution: z.string().nullable(),
  checkedAt: instant,
  links: z.object({ dashboard: z.string().optional(), runbook: z.string().optional() }),
});
export type Incident = z.output<typeof incident>;

export const incidentPage = z.object({ items: z.array(incident), nextCursor: z.string().nullable() });
export type IncidentPage = z.output<typeof incidentPage>;

export const incidentDetails = incident.extend({
  figures: z.record(z.string(), z.unknown()),
  history: z.array(
    z.object({
      change: z.enum(['opened', 'reopened', 'announced', 'acknowledged', 'resolved']),
      at: instant,
      by: z.string(),
      note: z.string().nullable(),
    }),
  ),
  notifications: z.array(
    z.object({
      action: z.enum(['trigger', 'acknowledge', 'resolve']),
      opening: z.int(),
      state: z.enum(['waiting', 'delivered', 'rejected', 'expired', 'skipped']),
      attempts: z.int(),
      lastError: z.string().nullable(),
      createdAt: instant,
      finishedAt: instant.nullable(),
    }),
  ),
});
export type IncidentDetails = z.output<typeof incidentDetails>;
