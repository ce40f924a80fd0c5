import { Controller, Get, Query } from '@nestjs/common';
import type { Outcomes, Progress } from '@signalpress/contracts';
import type { z } from 'zod';
import { outcomesQuery } from './outcomes.schema.js';
import { OutcomesService } from './outcomes.service.js';

/** What became of what came in, signal by signal and in total. */
@Controller()
export class OutcomesController {
  constructor(private readonly outcomes: OutcomesService) {}

  @Get('outcomes')
  ofIngestion(@Query({ schema: outcomesQuery }) query: z.output<typeof outcomesQuery>): Promise<Outcomes> {
    return this.outcomes.ofIngestion(query.ingestionId);
  }

  @Get('progress')
  progress(): Promise<Progress> {
    return this.outcomes.progress();
  }
}
