import type { Preview, Product, StoredFile } from '@signalpress/contracts';
import type { ColumnType, Generated, JSONColumnType } from '@signalpress/persistence';
import type { FilesTables } from '../files/files.tables.js';

export interface MockupsTable {
  command_id: string;
  idea_id: string;
  attempt: number;
  phrase: string;
  topics: JSONColumnType<string[]>;
  products: JSONColumnType<Product[]>;
  state: Generated<'pending' | 'generated' | 'failed'>;
  template: string | null;
  palette: string | null;
  design: JSONColumnType<StoredFile> | null;
  previews: JSONColumnType<Preview[]> | null;
  failure_code: string | null;
  failure_message: string | null;
  requested_at: ColumnType<Date, string | Date, never>;
  finished_at: Date | null;
}

export interface MockupTables extends FilesTables {
  mockups: MockupsTable;
}
