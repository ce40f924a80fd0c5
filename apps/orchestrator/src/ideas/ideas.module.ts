import { Module } from '@nestjs/common';
import { WorkflowModule } from '../workflow/workflow.module.js';
import { IdeasController } from './ideas.controller.js';
import { IdeasGauges } from './ideas.gauges.js';
import { IdeasRepository } from './ideas.repository.js';
import { IdeasService } from './ideas.service.js';

@Module({
  imports: [WorkflowModule],
  controllers: [IdeasController],
  providers: [IdeasGauges, IdeasRepository, IdeasService],
})
export class IdeasModule {}
