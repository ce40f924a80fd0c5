import type { StoredFile } from '@signalpress/contracts';
import type { Generated } from '@signalpress/persistence';

export interface FilesTable {
  hash: string;
  media_type: StoredFile['mediaType'];
  /** bigint: read as text. */
  bytes: string | number;
  width: number;
  height: number;
  stored_at: Generated<Date>;
}

export interface FilesTables {
  files: FilesTable;
}
