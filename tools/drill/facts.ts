import type { Acknowledged } from './load.ts';
import type { Orphan } from './spans.ts';

/** An event as its outbox had it when the writer's transaction committed. */
export interface EmittedEvent {
  readonly id: string;
  readonly service: string;
  readonly type: string;
  /** What it says, in short: two events that mean the same are one effect too many. Null where repeating is its nature. */
  readonly meaning: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Delivered {
  readonly group: string;
  readonly eventId: string;
}

export interface DeadLetterRow {
  readonly service: string;
  readonly kind: string;
  /** Event type or job name. */
  readonly name: string;
  readonly sourceId: string;
  readonly code: string;
  readonly message: string;
  readonly replayed: boolean;
}

/** A listing as the publisher has it, or the marketplace. */
export interface ListingRow {
  readonly sku: string;
  readonly listingId: string | null;
}

export interface PublisherRow extends ListingRow {
  readonly ideaId: string;
  readonly marketplace: string;
  readonly state: string;
}

/** What one process did, told by the spans that it sent. */
export interface Work {
  readonly instance: string;
  readonly service: string;
  /** All spans that were received of it. */
  readonly spans: number;
  /** Events, jobs and requests that it handled. */
  readonly handled: number;
}

/** Everything that the invariant looks at, read when all is quiet. */
export interface Facts {
  readonly acknowledged: readonly Acknowledged[];
  /** Ids of the signals that signal-ingestion keeps. */
  readonly stored: readonly string[];
  /** What monitoring answers, one row per signal and answer. */
  readonly outcomes: ReadonlyArray<{
    readonly signalId: string;
    readonly outcome: string;
    readonly ideaId: string | null;
  }>;
  /** Which idea each signal belongs to, as scoring-engine has it. */
  readonly grouped: ReadonlyArray<{ readonly signalId: string; readonly ideaId: string }>;
  /** Where each idea stands, as orchestrator has it. */
  readonly ideas: ReadonlyArray<{ readonly ideaId: string; readonly state: string; readonly listingId: string | null }>;
  readonly publisher: readonly PublisherRow[];
  /** What the storefront shows. */
  readonly shelf: readonly ListingRow[];
  readonly emitted: readonly EmittedEvent[];
  readonly handled: readonly Delivered[];
  /** Events that no inbox may have: those that are poison until something is mended, by group. */
  readonly poison: readonly Delivered[];
  readonly deadLetters: readonly DeadLetterRow[];
  /** Whether the transport has a topic on which each dead letter is told, for others than the groups of the services. */
  readonly tellsDeadLetters: boolean;
  readonly outboxes: ReadonlyArray<{ readonly service: string; readonly waiting: number }>;
  /** Jobs that are unfinished although their time has come, and jobs that failed for good. */
  readonly jobs: ReadonlyArray<{
    readonly service: string;
    readonly name: string;
    readonly state: string;
    readonly count: number;
  }>;
  /** Events that the orchestrator acted on more than once. */
  readonly actedTwice: readonly string[];
  /** Pairs of events with one key and type that a group handled the other way round than they were written. */
  readonly outOfOrder: readonly string[];
  /** Groups and types as the transport has them; undefined where it keeps no such table. */
  readonly subscriptions: ReadonlyArray<{ readonly group: string; readonly type: string }> | undefined;
  readonly unexpectedEnds: readonly string[];
  /** Processes that had shut down in order and that Node did not end. */
  readonly stuckInExit: readonly string[];
  /** Received spans whose parent was never received. */
  readonly orphans: readonly Orphan[];
  readonly work: readonly Work[];
}
