import type { EventData, SignalOutcome } from '@signalpress/contracts';
import type { Selectable } from '@signalpress/persistence';
import type { SeriesTables } from '../series/series.tables.js';

export interface SignalsTable {
  signal_id: string;
  ingestion_id: string;
  source: string;
  captured_at: Date;
}

export interface SignalIdeasTable {
  signal_id: string;
  idea_id: string;
}

/** What is known of one idea, whatever has come of it so far. */
export interface IdeasTable {
  idea_id: string;
  /** Newest revision that was scored; 0 before the first. */
  revision: number;
  phrase: string | null;
  score: number | null;
  founding_signal_id: string | null;
  founding_captured_at: Date | null;
  /** First time that it was scored. */
  scored_at: Date | null;
  decision: EventData<'ideas.decided'>['decision'] | null;
  decision_rule: string | null;
  decided_at: Date | null;
  held_for: string | null;
  deferred_until: Date | null;
  duplicate_of: string | null;
  approved_at: Date | null;
  mockups_requested_attempt: number;
  /** Newest attempt that gave mockups, and when. */
  mockups_attempt: number;
  mockups_at: Date | null;
  mockups_failed_attempt: number;
  mockups_failed_at: Date | null;
  mockups_failure: string | null;
  listing_failed_at: Date | null;
  listing_failure: string | null;
  published_at: Date | null;
  /** Where the first listing is. */
  first_marketplace: string | null;
  held_seconds: number | null;
  publish_latency_ms: number | null;
  withdrawn_at: Date | null;
  outcome: SignalOutcome['outcome'];
  outcome_detail: string | null;
  updated_at: Date;
}

export interface ListingsTable {
  marketplace: string;
  listing_id: string;
  idea_id: string;
  url: string;
  published_at: Date;
}

export interface IdeaEventsTable {
  event_id: string;
  type: string;
  service: string;
  idea_id: string | null;
  signal_id: string | null;
  at: Date;
  detail: string | null;
  /** From here on the idea waits for a person or for budget. */
  held: boolean;
  trace_id: string | null;
}

export interface MonitoringTables extends SeriesTables {
  signals: SignalsTable;
  signal_ideas: SignalIdeasTable;
  ideas: IdeasTable;
  listings: ListingsTable;
  idea_events: IdeaEventsTable;
}

export type IdeaRow = Selectable<IdeasTable>;
export type IdeaEventRow = Selectable<IdeaEventsTable>;
