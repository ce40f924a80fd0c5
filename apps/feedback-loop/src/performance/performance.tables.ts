import type { Generated, Selectable } from '@signalpress/persistence';

export interface IdeasTable {
  idea_id: string;
  revision: number;
  phrase: string;
  score: number;
  weights_version: number;
  scored_at: Date;
}

export interface IdeaFactorsTable {
  idea_id: string;
  factor: string;
  value: number;
  weight: number;
  contribution: number;
}

export interface ListingsTable {
  marketplace: string;
  listing_id: string;
  idea_id: string;
  views: Generated<number>;
  favourites: Generated<number>;
  sales: Generated<number>;
  observed_at: Date | null;
  published_at: Date | null;
}

export interface WithdrawalsTable {
  idea_id: string;
  marketplace: string;
  withdrawn_at: Date;
}

export interface PerformanceTable {
  idea_id: string;
  views: number;
  favourites: number;
  sales: number;
  conversion: number | null;
  observed_at: Date | null;
  updated_at: Date;
}

export interface FeedbackTables {
  ideas: IdeasTable;
  idea_factors: IdeaFactorsTable;
  listings: ListingsTable;
  withdrawals: WithdrawalsTable;
  performance: PerformanceTable;
}

export type PerformanceRow = Selectable<PerformanceTable>;
