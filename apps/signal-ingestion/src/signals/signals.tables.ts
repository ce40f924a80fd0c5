import type { ColumnType, Generated } from '@signalpress/persistence';

export interface IngestionsTable {
  id: string;
  source: string;
  received_at: Date;
}

export interface SignalsTable {
  id: string;
  ingestion_id: string;
  source: string;
  external_id: string | null;
  title: string;
  summary: string;
  url: string | null;
  topics: ColumnType<string[], readonly string[], readonly string[]>;
  published_at: Date | null;
  captured_at: Date;
  engagement: number | null;
  author_key: string | null;
  external_key: string | null;
  url_key: string | null;
  title_key: string | null;
}

export interface IngestionItemsTable {
  ingestion_id: string;
  index: number;
  external_id: string | null;
  title: string | null;
  result: 'accepted' | 'duplicate' | 'rejected';
  signal_id: string | null;
  rule: string | null;
  url_key: string | null;
  author_key: string | null;
}

export interface ErasuresTable {
  key: string;
  erased_at: Generated<Date>;
}

export interface SourcesTable {
  id: string;
  url: string;
  every_minutes: number;
  created_at: Generated<Date>;
  next_poll_at: Generated<Date>;
  failures: Generated<number>;
  etag: string | null;
  last_modified: string | null;
  last_polled_at: Date | null;
  last_outcome: 'ingested' | 'unchanged' | 'failed' | null;
  last_error: string | null;
  last_ingestion_id: string | null;
}

/** The schema `signal_ingestion`. */
export interface IngestionTables {
  installation_key: { value: string };
  ingestions: IngestionsTable;
  signals: SignalsTable;
  ingestion_items: IngestionItemsTable;
  erasures: ErasuresTable;
  sources: SourcesTable;
}
