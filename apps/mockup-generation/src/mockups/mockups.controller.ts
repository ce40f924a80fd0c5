import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import type { Preview, StoredFile } from '@signalpress/contracts';
import { z } from 'zod';
import type { MockupRow } from './mockups.repository.js';
import { MockupsRepository } from './mockups.repository.js';

/** A mockup command as the API shows it. */
export interface MockupView {
  commandId: string;
  attempt: number;
  phrase: string;
  state: 'pending' | 'generated' | 'failed';
  template: string | null;
  palette: string | null;
  design: StoredFile | null;
  previews: Preview[];
  failure: { code: string; message: string } | null;
  requestedAt: string;
  finishedAt: string | null;
}

@Controller('mockups')
export class MockupsController {
  constructor(private readonly mockups: MockupsRepository) {}

  /** Every attempt to draw an idea, the newest first. */
  @Get(':ideaId')
  async list(@Param('ideaId', { schema: z.uuid() }) ideaId: string): Promise<{ ideaId: string; items: MockupView[] }> {
    const rows = await this.mockups.listByIdea(ideaId);
    if (rows.length === 0) throw new NotFoundException('No mockup was asked for this idea.');
    return { ideaId, items: rows.map(viewOf) };
  }
}

const viewOf = (row: MockupRow): MockupView => ({
  commandId: row.command_id,
  attempt: row.attempt,
  phrase: row.phrase,
  state: row.state,
  template: row.template,
  palette: row.palette,
  design: row.design,
  previews: row.previews ?? [],
  failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message ?? '' },
  requestedAt: row.requested_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});
