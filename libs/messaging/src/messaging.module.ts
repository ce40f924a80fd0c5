import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BatchConsumer } from './consumer/batch-consumer.js';
import { Consumer } from './consumer/consumer.js';
import { EventIntake } from './consumer/event-intake.js';
import { Handlers } from './consumer/handlers.js';
import { Inbox } from './consumer/inbox.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { deadLettersOpen } from './dead-letters/dead-letters.metrics.js';
import { DeadLetters } from './dead-letters/dead-letters.repository.js';
import { DeadLettersService } from './dead-letters/dead-letters.service.js';
import { JobExecution } from './jobs/job-execution.js';
import { JobRunner } from './jobs/job-runner.js';
import { Jobs } from './jobs/jobs.js';
import { JobsRepository } from './jobs/jobs.repository.js';
import { Workers } from './jobs/workers.js';
import { MessagingSettings } from './messaging.options.js';
import type { MessagingOptions } from './messaging.options.js';
import { MessagingRuntime } from './messaging.runtime.js';
import { Signals } from './messaging.signals.js';
import { Outbox } from './outbox/outbox.js';
import { OutboxRelay } from './outbox/outbox.relay.js';
import { RetentionWorker } from './retention/retention.worker.js';
import { WakeUps } from './timing/wake-ups.js';
import { KafkaTransport } from './transport/kafka/kafka.transport.js';
import { PostgresTransport } from './transport/postgres/postgres.transport.js';
import { Queues } from './transport/queues.js';
import { TRANSPORT } from './transport/transport.js';

/** Events, jobs and dead letters of one service. Needs ObservabilityModule and PersistenceModule. */
@Module({})
export class MessagingModule {
  static forRoot(options: MessagingOptions): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: [DeadLettersController],
      providers: [
        { provide: MessagingSettings, useValue: new MessagingSettings(options) },
        {
          provide: TRANSPORT,
          useClass: options.transport?.kind === 'kafka' ? KafkaTransport : PostgresTransport,
        },
        Signals,
        Queues,
        WakeUps,
        Outbox,
        OutboxRelay,
        Handlers,
        Inbox,
        Consumer,
        BatchConsumer,
        EventIntake,
        Jobs,
        JobsRepository,
        Workers,
        JobExecution,
        JobRunner,
        DeadLetters,
        DeadLettersService,
        RetentionWorker,
        MessagingRuntime,
      ],
      exports: [Outbox, Jobs, Queues],
    };
  }

  constructor(signals: Signals, deadLetters: DeadLetters) {
    signals.metrics.observeGauge(deadLettersOpen, async () =>
      (await deadLetters.count()).map(({ kind, count }) => ({ labels: { kind }, value: count })),
    );
  }
}
