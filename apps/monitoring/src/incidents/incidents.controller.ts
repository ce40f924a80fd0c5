import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { acknowledgement, incidentParams, incidentsQuery } from './incidents.schema.js';
import type { Acknowledgement, IncidentDetails, IncidentPage, IncidentsQuery } from './incidents.schema.js';
import { IncidentsService } from './incidents.service.js';

type Params = z.output<typeof incidentParams>;

@Controller('incidents')
export class IncidentsController {
  constructor(private readonly incidents: IncidentsService) {}

  @Get()
  page(@Query({ schema: incidentsQuery }) query: IncidentsQuery): Promise<IncidentPage> {
    return this.incidents.page(query);
  }

  @Get(':id')
  details(@Param({ schema: incidentParams }) { id }: Params): Promise<IncidentDetails> {
    return this.incidents.details(id);
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  acknowledge(
    @Param({ schema: incidentParams }) { id }: Params,
    @Body({ schema: acknowledgement }) body: Acknowledgement,
  ): Promise<IncidentDetails> {
    return this.incidents.acknowledge(id, body);
  }
}
