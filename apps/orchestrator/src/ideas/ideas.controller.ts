import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { handDecision, ideaId, listQuery, withdrawal } from './ideas.schemas.js';
import type { HandDecision, ListQuery } from './ideas.schemas.js';
import { IdeasService } from './ideas.service.js';
import type { IdeaPage } from './ideas.service.js';
import type { IdeaDetails } from './ideas.view.js';

/** Ideas, and a person's word on them. */
@Controller('ideas')
export class IdeasController {
  constructor(private readonly ideas: IdeasService) {}

  @Get()
  list(@Query({ schema: listQuery }) query: ListQuery): Promise<IdeaPage> {
    return this.ideas.list(query);
  }

  @Get(':ideaId')
  details(@Param('ideaId', { schema: ideaId }) id: string): Promise<IdeaDetails> {
    return this.ideas.details(id);
  }

  @Post(':ideaId/approve')
  @HttpCode(200)
  approve(
    @Param('ideaId', { schema: ideaId }) id: string,
    @Body({ schema: handDecision }) decision: HandDecision,
  ): Promise<IdeaDetails> {
    return this.ideas.act(id, 'approve', decision);
  }

  @Post(':ideaId/reject')
  @HttpCode(200)
  reject(
    @Param('ideaId', { schema: ideaId }) id: string,
    @Body({ schema: handDecision }) decision: HandDecision,
  ): Promise<IdeaDetails> {
    return this.ideas.act(id, 'reject', decision);
  }

  /** Accepted: the listing is gone once the marketplace has answered. */
  @Post(':ideaId/withdraw')
  @HttpCode(202)
  withdraw(
    @Param('ideaId', { schema: ideaId }) id: string,
    @Body({ schema: withdrawal }) reason: HandDecision,
  ): Promise<IdeaDetails> {
    return this.ideas.act(id, 'withdraw', reason);
  }
}
