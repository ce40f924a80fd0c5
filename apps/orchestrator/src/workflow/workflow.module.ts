import { Module } from '@nestjs/common';
import { RetentionWorker } from './workflow.retention.js';
import { WorkflowConsumer } from './workflow.consumer.js';
import { WorkflowDecisions } from './workflow.decisions.js';
import { WorkflowRepository } from './workflow.repository.js';
import { WorkflowService } from './workflow.service.js';
import { WorkflowSteps } from './workflow.steps.js';
import { DeadlineWorker, ReconsiderWorker } from './workflow.worker.js';

/** The durable workflow of an idea. Needs `WorkflowSettings` from the composition root. */
@Module({
  providers: [
    DeadlineWorker,
    ReconsiderWorker,
    RetentionWorker,
    WorkflowConsumer,
    WorkflowDecisions,
    WorkflowRepository,
    WorkflowService,
    WorkflowSteps,
  ],
  exports: [WorkflowService],
})
export class WorkflowModule {}
