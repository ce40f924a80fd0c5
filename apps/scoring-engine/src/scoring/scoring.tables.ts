import type { FactorScore, ListingCopy, SafetyFinding } from '@signalpress/contracts';
import type { TraceContext } from '@signalpress/observability';
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from '@signalpress/persistence';
import type { ScoreInputs } from '../score/inputs.js';
import type { WeightShares } from '../score/weights.js';

type Instant = ColumnType<Date, Date | string, Date | string>;
type NullableInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** A JSON document that is no object at its top; written as text so that an array is not taken for a PostgreSQL array. */
type Json<T> = ColumnType<T, string, string>;

export interface IdeasTable {
  id: string;
  /** Order of opening. bigint: arrives as text. */
  position: GeneratedAlways<string>;
  state: Generated<'open' | 'approved' | 'rejected'>;
  founding_signal_id: string;
  founding_captured_at: Instant;
  opened_at: Instant;
  closed_at: NullableInstant;
  shadows: Generated<boolean>;
  duplicate_of: string | null;
  embedding: Buffer;
  revision: Generated<number>;
  gathering_since: NullableInstant;
  trace: ColumnType<TraceContext | null, string | null, string | null>;
  /** bigint: arrives as text. */
  sales: ColumnType<string, number | undefined, number>;
  performance_observed_at: NullableInstant;
}

export interface SignalsTable {
  id: string;
  idea_id: string;
  position: GeneratedAlways<string>;
  source: string;
  title: string;
  summary: string;
  topics: string[];
  published_at: NullableInstant;
  captured_at: Instant;
  engagement: number | null;
  stems: string[];
  embedding: Buffer;
}

export interface WeightsTable {
  version: number;
  shares: JSONColumnType<WeightShares>;
  reason: string;
  created_at: ColumnType<Date, never, never>;
}

export interface ScoresTable {
  idea_id: string;
  revision: number;
  score: number;
  breakdown: Json<FactorScore[]>;
  weights_version: number;
  as_of: Instant;
  inputs: Json<ScoreInputs>;
  phrase: string;
  copy: Json<ListingCopy>;
  topics: string[];
  safety: Json<SafetyFinding[]>;
}

/** The schema `scoring`, without the tables of messaging. */
export interface ScoringTables {
  ideas: IdeasTable;
  signals: SignalsTable;
  weights: WeightsTable;
  scores: ScoresTable;
}
