import { Module } from '@nestjs/common';
import { IngestionsModule } from '../ingestions/ingestions.module.js';
import { RetentionWorker } from './retention.worker.js';
import { SignalsController } from './signals.controller.js';
import { SignalsRepository } from './signals.repository.js';

/** Stored signals: given singly, listed, erased, pruned. */
@Module({
  imports: [IngestionsModule],
  controllers: [SignalsController],
  providers: [SignalsRepository, RetentionWorker],
})
export class SignalsModule {}
