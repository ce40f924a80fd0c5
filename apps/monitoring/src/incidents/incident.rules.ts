import { createHash } from 'node:crypto';
import type { AlertCondition } from '@signalpress/contracts';
import type { IncidentRow } from './incidents.tables.js';

const LONGEST_KEY = 255;

/** The name by which PagerDuty and the database know a condition that is broken: the same every time that it breaks. */
export function dedupKeyOf(condition: AlertCondition, subject?: string): string {
  const key = subject === undefined ? `signalpress/${condition}` : `signalpress/${condition}/${subject}`;
  if (key.length <= LONGEST_KEY) return key;
  const hash = createHash('sha256').update(key).digest('hex');
  return `${key.slice(0, LONGEST_KEY - hash.length - 1)}/${hash}`;
}

export interface IncidentRules {
  /** A condition that breaks again within this time after it was resolved is the same incident, and no second page. */
  readonly cooldownMs: number;
  /** Checks in a row that must find the condition to hold before the incident is over. */
  readonly goodChecks: number;
}

/** The part of an incident that decides what comes next. */
export type Standing = Pick<IncidentRow, 'state' | 'announced' | 'quiet_until' | 'resolved_at' | 'good_checks'>;

/**
 * What one check makes of an incident. `reopen` without `announce` is silent: somebody was paged for the same a moment ago, and
 * is paged again only if it stays broken (`announce`) when the cooldown is over. `watch`: it holds, but not for long enough.
 */
export type Step =
  | { readonly kind: 'none' | 'open' | 'announce' | 'go-on' | 'watch' | 'resolve' }
  | { readonly kind: 'reopen'; readonly announce: boolean };

/**
 * @param latest the newest incident of the same dedup key, if there is one
 * @param broken what the check says
 */
export function nextStep(latest: Standing | undefined, broken: boolean, now: Date, rules: IncidentRules): Step {
  const stands = latest !== undefined && latest.state !== 'resolved';
  if (!broken) {
    if (!stands) return { kind: 'none' };
    return { kind: latest.good_checks + 1 >= rules.goodChecks ? 'resolve' : 'watch' };
  }
  if (stands) return { kind: !latest.announced && !isQuiet(latest, now) ? 'announce' : 'go-on' };
  const isSame = latest?.resolved_at != null && now.getTime() < latest.resolved_at.getTime() + rules.cooldownMs;
  return isSame ? { kind: 'reopen', announce: !isQuiet(latest, now) } : { kind: 'open' };
}

function isQuiet({ quiet_until: until }: Standing, now: Date): boolean {
  return until !== null && now.getTime() < until.getTime();
}

/** Until when no page follows the one that is over now; a silent opening leaves the time as it was. */
export function quietUntil(
  resolved: Pick<Standing, 'announced' | 'quiet_until'>,
  now: Date,
  rules: IncidentRules,
): Date | null {
  return resolved.announced ? new Date(now.getTime() + rules.cooldownMs) : resolved.quiet_until;
}
