import type { ScoreFactor } from '@signalpress/contracts';
import type { ColumnType, JSONColumnType } from '@signalpress/persistence';
import type { FeedbackTables } from '../performance/performance.tables.js';

export interface WeightVersionsTable {
  version: number;
  shares: JSONColumnType<Record<ScoreFactor, number>>;
  samples: number;
  correlations: ColumnType<Record<ScoreFactor, number> | null, string | null, never>;
  learned_from: string | null;
  updated_at: Date;
  recorded_at: ColumnType<Date, never, never>;
}

export interface WeightsTables extends FeedbackTables {
  weight_versions: WeightVersionsTable;
}
