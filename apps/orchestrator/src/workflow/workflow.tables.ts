import type { EventData, Preview, StoredFile } from '@signalpress/contracts';
import type { TraceContext } from '@signalpress/observability';
import type { Generated, GeneratedAlways, JSONColumnType, Selectable, Updateable } from '@signalpress/persistence';
import type { Step, StoredState } from './workflow.states.js';

/** What mockup-generation made for an idea. */
export interface Artwork {
  readonly design: StoredFile;
  readonly previews: Preview[];
}

export interface IdeasTable {
  idea_id: string;
  state: StoredState;
  revision: number;
  scored: JSONColumnType<EventData<'ideas.scored'>>;
  rule: string;
  reason: string;
  decided_by: string;
  decided_at: Date;
  held_for: 'reviewer' | null;
  deferred_until: Date | null;
  duplicate_of: string | null;
  sku: string;
  pending_command_id: string | null;
  pending_step: Step | null;
  pending_attempt: number | null;
  artwork: JSONColumnType<Artwork | null, string | null, string | null>;
  held_seconds: Generated<number>;
  listing_requested_at: Date | null;
  listing_id: string | null;
  listing_url: string | null;
  published_at: Date | null;
  withdraw_reason: string | null;
  withdrawn_at: Date | null;
  cause_code: string | null;
  cause_message: string | null;
  trace: JSONColumnType<TraceContext | null, string | null, string | null>;
  created_at: Date;
  updated_at: Date;
}

export interface HoldsTable {
  id: GeneratedAlways<string>;
  idea_id: string;
  held_for: 'reviewer' | 'budget';
  rule: string;
  held_from: Date;
  held_until: Date | null;
}

export interface TransitionsTable {
  id: GeneratedAlways<string>;
  idea_id: string;
  from_state: string;
  to_state: string;
  input: string;
  applied: boolean;
  rule: string | null;
  note: string | null;
  actor: string;
  event_id: string | null;
  at: Date;
  trace_id: string | null;
}

export interface BudgetDaysTable {
  shop_day: string;
  approved: number;
}

export interface OrchestratorTables {
  ideas: IdeasTable;
  holds: HoldsTable;
  transitions: TransitionsTable;
  budget_days: BudgetDaysTable;
}

export type IdeaRow = Selectable<IdeasTable>;
export type IdeaPatch = Updateable<IdeasTable>;
export type HoldRow = Selectable<HoldsTable>;
export type TransitionRow = Selectable<TransitionsTable>;
