import { Module } from '@nestjs/common';
import { Database } from '@signalpress/persistence';
import { SourceFetcher } from '../fetching/source-fetcher.js';
import { KeyedHash } from '../privacy/keyed-hash.js';
import type { IngestionTables } from '../signals/signals.tables.js';
import { IngestionsController } from './ingestions.controller.js';
import { IngestionsRepository } from './ingestions.repository.js';
import { IngestionsService } from './ingestions.service.js';

/** The door: documents and signals come in, signals and their events go out. */
@Module({
  controllers: [IngestionsController],
  providers: [
    IngestionsRepository,
    IngestionsService,
    SourceFetcher,
    { provide: KeyedHash, inject: [Database], useFactory: readInstallationKey },
  ],
  exports: [IngestionsService, SourceFetcher, KeyedHash],
})
export class IngestionsModule {}

async function readInstallationKey(db: Database<IngestionTables>): Promise<KeyedHash> {
  const { value } = await db.kysely.selectFrom('installation_key').select('value').executeTakeFirstOrThrow();
  return new KeyedHash(value);
}
