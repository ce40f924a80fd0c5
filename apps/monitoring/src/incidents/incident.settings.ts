import type { IncidentRules } from './incident.rules.js';

/** When an incident is the same as the one before, and when it is over; also the token it is injected by. */
export class IncidentSettings implements IncidentRules {
  constructor(
    readonly cooldownMs: number,
    readonly goodChecks: number,
  ) {}
}
