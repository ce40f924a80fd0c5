import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Patch,
  Put,
  UseGuards,
} from '@nestjs/common';
import { z } from 'zod';
import type { ApiListing } from './storefront.api.controller.js';
import { apiListing } from './storefront.api.controller.js';
import type { FaultState } from './storefront.faults.js';
import { StorefrontFaults } from './storefront.faults.js';
import { StorefrontGuard } from './storefront.guard.js';
import { StorefrontRepository } from './storefront.repository.js';
import type { AdminChange, FaultPlan } from './storefront.schemas.js';
import { adminChange, faultPlan } from './storefront.schemas.js';

/** What the marketplace's own staff, or its bad day, does to sellers. Only there with `STOREFRONT_FAULTS`. */
@Controller('storefront/api')
@UseGuards(StorefrontGuard)
export class StorefrontAdminController {
  constructor(
    private readonly shop: StorefrontRepository,
    private readonly faults: StorefrontFaults,
  ) {}

  /** Flags, removes or changes a listing without the seller's knowing, and takes it back. */
  @Patch('listings/:id/admin')
  async moderate(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: adminChange }) change: AdminChange,
  ): Promise<ApiListing & { removed: boolean }> {
    const row = await this.shop.moderate(id, change);
    if (row === undefined) throw new NotFoundException('There is no such listing.');
    return { ...apiListing(row), removed: row.taken_down };
  }

  @Get('admin/faults')
  planned(): FaultState {
    return this.faults.state;
  }

  /** Plays faults on this instance's API for a while. */
  @Put('admin/faults')
  play(@Body({ schema: faultPlan }) plan: FaultPlan): FaultState {
    this.faults.play(plan);
    return this.faults.state;
  }

  @Delete('admin/faults')
  @HttpCode(204)
  clear(): void {
    this.faults.clear();
  }
}
