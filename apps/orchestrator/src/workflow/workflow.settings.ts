import type { Policy } from '../policy/policy.js';

interface Settings {
  readonly policy: Policy;
  /** IANA name of the zone that shop days are counted in. */
  readonly timeZone: string;
  /** How long an answer to a mockups command is awaited. */
  readonly renderTimeoutMs: number;
  /** How long an answer to a listing or withdrawal command is awaited. */
  readonly listingTimeoutMs: number;
}

/** How this installation runs its workflow; also the token it is injected by. */
export class WorkflowSettings implements Settings {
  readonly policy: Policy;
  readonly timeZone: string;
  readonly renderTimeoutMs: number;
  readonly listingTimeoutMs: number;

  constructor(settings: Settings) {
    this.policy = settings.policy;
    this.timeZone = settings.timeZone;
    this.renderTimeoutMs = settings.renderTimeoutMs;
    this.listingTimeoutMs = settings.listingTimeoutMs;
  }
}
