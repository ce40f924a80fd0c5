import type { LatencyAgreement } from './publish-latency.check.js';
import type { BacklogLimit } from './queue-backlog.check.js';

/** What is agreed on and tolerated; also the token it is injected by. */
export class CheckSettings {
  constructor(
    readonly latency: LatencyAgreement,
    readonly backlog: BacklogLimit,
    /** Listings that may differ from the marketplace. */
    readonly driftLimit: number,
    /** A sample of the queues that is older says nothing of now. */
    readonly sampleFreshSeconds: number,
  ) {}
}
