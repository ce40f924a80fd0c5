import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { ScoringRepository } from './scoring.repository.js';
import type { StoredScore } from './scoring.repository.js';
import { ScoringService } from './scoring.service.js';

const ideaIdParam = z.object({ ideaId: z.uuid() });
const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'expected the nextCursor of a page')
    .optional(),
});

/** What is printed, said and found about an idea, with the breakdown that explains the score. */
const overview = (stored: StoredScore) => ({
  ideaId: stored.idea_id,
  revision: stored.revision,
  state: stored.state,
  score: stored.score,
  breakdown: stored.breakdown,
  weightsVersion: stored.weights_version,
  asOf: stored.as_of.toISOString(),
  phrase: stored.phrase,
  topics: stored.topics,
  copy: stored.copy,
  safety: stored.safety,
  duplicateOf: stored.duplicate_of,
  signalIds: stored.inputs.signals.map(({ signalId }) => signalId),
});

@Controller('scores')
export class ScoresController {
  constructor(
    private readonly scoring: ScoringService,
    private readonly repository: ScoringRepository,
  ) {}

  /** Newest score per idea, the last opened idea first, without the inputs. */
  @Get()
  async list(@Query({ schema: pageQuery }) { limit, cursor }: z.output<typeof pageQuery>) {
    const rows = await this.repository.page(limit + 1, cursor);
    const items = rows.slice(0, limit);
    return { items: items.map(overview), nextCursor: rows.length > limit ? (items.at(-1)?.position ?? null) : null };
  }

  /** Newest score of an idea with everything it was made from. */
  @Get(':ideaId')
  async find(@Param({ schema: ideaIdParam }) { ideaId }: z.output<typeof ideaIdParam>) {
    const stored = await this.scoring.find(ideaId);
    return { ...overview(stored), inputs: stored.inputs };
  }

  /** The score again, from the stored inputs, and whether it is equal to the stored one. */
  @Post(':ideaId/recompute')
  @HttpCode(200)
  async recompute(@Param({ schema: ideaIdParam }) { ideaId }: z.output<typeof ideaIdParam>) {
    const { stored, recomputed, equal } = await this.scoring.recompute(ideaId);
    return {
      ideaId,
      revision: stored.revision,
      equal,
      stored: { score: stored.score, breakdown: stored.breakdown },
      recomputed,
    };
  }
}
