import { Injectable } from '@nestjs/common';
import type { StoredFile } from '@signalpress/contracts';
import type { Transaction } from '@signalpress/persistence';
import { Database } from '@signalpress/persistence';
import type { FilesTables } from './files.tables.js';

@Injectable()
export class FilesRepository {
  constructor(private readonly db: Database<FilesTables>) {}

  /** Writes what is known about the files; equal content has one row. */
  async record(tx: Transaction<FilesTables>, files: readonly StoredFile[]): Promise<void> {
    await tx
      .insertInto('files')
      .values(files.map(({ mediaType, ...file }) => ({ ...file, media_type: mediaType })))
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute();
  }

  async find(hash: string): Promise<StoredFile | undefined> {
    const row = await this.db.kysely.selectFrom('files').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      hash: row.hash,
      mediaType: row.media_type,
      bytes: Number(row.bytes),
      width: row.width,
      height: row.height,
    };
  }
}
