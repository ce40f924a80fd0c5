import { Module } from '@nestjs/common';
import { IngestionsModule } from '../ingestions/ingestions.module.js';
import { PollSourceWorker } from './poll-source.worker.js';
import { SchedulePollsWorker } from './schedule-polls.worker.js';
import { SourcesController } from './sources.controller.js';
import { SourcesRepository } from './sources.repository.js';

/** Addresses that are polled. */
@Module({
  imports: [IngestionsModule],
  controllers: [SourcesController],
  providers: [SourcesRepository, PollSourceWorker, SchedulePollsWorker],
})
export class SourcesModule {}
