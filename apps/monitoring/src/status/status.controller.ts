import { Controller, Get } from '@nestjs/common';
import { StatusService } from './status.service.js';
import type { PlatformStatus } from './status.service.js';

@Controller('status')
export class StatusController {
  constructor(private readonly platform: StatusService) {}

  @Get()
  status(): Promise<PlatformStatus> {
    return this.platform.status();
  }
}
