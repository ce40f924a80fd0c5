import { Controller, Get, Query } from '@nestjs/common';
import type { z } from 'zod';
import { statusQuery } from './status.schema.js';
import type { StatusReport } from './status.schema.js';
import { StatusRepository } from './status.repository.js';
import { StatusService } from './status.service.js';

@Controller('status')
export class StatusController {
  constructor(
    private readonly platform: StatusService,
    private readonly history: StatusRepository,
  ) {}

  @Get()
  async status(@Query({ schema: statusQuery }) { windowHours }: z.output<typeof statusQuery>): Promise<StatusReport> {
    const [now, shares] = await Promise.all([this.platform.status(), this.history.upShares(windowHours)]);
    const services = now.services.map((one) => ({ ...one, upShare: shares.get(one.service) ?? null }));
    return { ...now, windowHours, services };
  }
}
