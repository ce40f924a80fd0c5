import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { timelineOf } from './timeline.js';
import type { Timeline } from './timeline.js';
import { TimelineRepository } from './timeline.repository.js';
import { timelineParams, timelineQuery } from './timeline.schema.js';

/** 404: no event about an idea with this identifier was seen. */
class IdeaUnknown extends NotFoundException {
  constructor(id: string) {
    super(`Nothing is known of an idea ${id}.`, { errorCode: 'idea-not-found' });
  }
}

/** What happened to an idea, step by step. */
@Controller('ideas')
export class TimelineController {
  constructor(private readonly timelines: TimelineRepository) {}

  @Get(':ideaId/timeline')
  async timeline(
    @Param({ schema: timelineParams }) { ideaId: id }: z.output<typeof timelineParams>,
    @Query({ schema: timelineQuery }) { limit }: z.output<typeof timelineQuery>,
  ): Promise<Timeline> {
    const idea = await this.timelines.idea(id);
    if (idea === undefined) throw new IdeaUnknown(id);
    // One more than shown, to know whether there are more.
    return timelineOf(idea, await this.timelines.events(id, limit + 1), limit);
  }
}
