import { Module } from '@nestjs/common';
import { ReadModelConsumer } from './read-model.consumer.js';
import { ReadModelRepository } from './read-model.repository.js';
import { RetentionWorker } from './read-model.retention.js';
import { ReadModelService } from './read-model.service.js';

/** Keeps the read model up to date with the events. */
@Module({ providers: [ReadModelConsumer, ReadModelRepository, ReadModelService, RetentionWorker] })
export class ReadModelModule {}
