import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import { z } from 'zod';
import type { DeadLetterDetail, DeadLetterPage, Replay } from './dead-letter.js';
import { DeadLettersService } from './dead-letters.service.js';

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
const letterParams = z.object({ id: z.uuid() });

/** For operators; the gateway shows it as `/admin/<service>/dead-letters`. */
@Controller('dead-letters')
@NotTraced()
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLettersService) {}

  @Get()
  page(@Query({ schema: pageQuery }) { limit, cursor }: z.output<typeof pageQuery>): Promise<DeadLetterPage> {
    return this.deadLetters.page(limit, cursor);
  }

  @Get(':id')
  show(@Param({ schema: letterParams }) { id }: z.output<typeof letterParams>): Promise<DeadLetterDetail> {
    return this.deadLetters.show(id);
  }

  @Post(':id/replay')
  @HttpCode(200)
  replay(@Param({ schema: letterParams }) { id }: z.output<typeof letterParams>): Promise<Replay> {
    return this.deadLetters.replay(id);
  }
}
