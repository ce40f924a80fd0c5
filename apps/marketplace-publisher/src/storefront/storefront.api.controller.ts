import { createHash } from 'node:crypto';
import {
  Body,
  ConflictException,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  NotFoundException,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Res,
  UnprocessableEntityException,
  UnsupportedMediaTypeException,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { Clock } from '@signalpress/service-defaults';
import { z } from 'zod';
import { FaultsInterceptor } from './faults.interceptor.js';
import { StorefrontGuard } from './storefront.guard.js';
import type { ShopListing } from './storefront.repository.js';
import { StorefrontRepository } from './storefront.repository.js';
import type { ApiPage, ListingChange, NewListing } from './storefront.schemas.js';
import { apiPage, imageHash, listingChange, newListing, sku as skuSchema } from './storefront.schemas.js';
import { mediaTypeOf } from './storefront.images.js';

/** A listing as the API shows it. */
export interface ApiListing {
  id: string;
  sku: string;
  /** Path of its page. */
  path: string;
  title: string;
  description: string;
  tags: string[];
  product: string;
  price: { amountMinor: number; currency: string };
  imageHash: string;
  publishedAt: string;
  /** Under review. */
  flagged: boolean;
  counts: { views: number; favourites: number; sales: number };
}

/** What sellers use: pictures by hash, listings by SKU, counts. */
@Controller('storefront/api')
@UseGuards(StorefrontGuard)
@UseInterceptors(FaultsInterceptor)
export class StorefrontApiController {
  constructor(
    private readonly shop: StorefrontRepository,
    private readonly clock: Clock,
  ) {}

  /** Stores a picture under its SHA-256; 201 when it is new, 200 when it was there. */
  @Put('images/:hash')
  async putImage(
    @Param('hash', { schema: imageHash }) hash: string,
    @Headers('content-type') contentType: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: { status(code: number): unknown },
  ): Promise<{ hash: string; bytes: number }> {
    if (!Buffer.isBuffer(body) || body.length === 0)
      throw new UnprocessableEntityException('The request has no picture.');
    const mediaType = mediaTypeOf(body);
    if (mediaType === undefined || mediaType !== contentType) {
      throw new UnsupportedMediaTypeException(
        'The bytes are not the PNG, JPEG or WebP picture that the header promises.',
      );
    }
    if (createHash('sha256').update(body).digest('hex') !== hash) {
      throw new UnprocessableEntityException('The bytes do not have this hash.');
    }
    const isNew = await this.shop.putImage(hash, mediaType, body);
    reply.status(isNew ? 201 : 200);
    return { hash, bytes: body.length };
  }

  /** Opens a listing; 409 when the SKU has one. */
  @Post('listings')
  async create(@Body({ schema: newListing }) listing: NewListing): Promise<ApiListing> {
    if (!(await this.shop.hasImage(listing.imageHash))) {
      throw new UnprocessableEntityException('The picture has to be stored before the listing.');
    }
    const row = await this.shop.create(listing, this.clock.now());
    if (row === undefined) throw new ConflictException('There is a listing with this SKU.');
    return apiListing(row);
  }

  /** Listings with their counts, newest first; with `sku`, the one that has it. */
  @Get('listings')
  async list(@Query({ schema: apiPage }) query: ApiPage): Promise<{ items: ApiListing[]; nextCursor: string | null }> {
    if (query.sku !== undefined) {
      const row = await this.shop.findBySku(query.sku);
      return { items: row === undefined ? [] : [apiListing(row)], nextCursor: null };
    }
    const page = await this.shop.page(query.limit, query.cursor);
    return { items: page.items.map(apiListing), nextCursor: page.next };
  }

  @Get('listings/:id')
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<ApiListing> {
    return apiListing(found(await this.shop.find(id)));
  }

  @Patch('listings/:id')
  async change(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: listingChange }) change: ListingChange,
  ): Promise<ApiListing> {
    return apiListing(found(await this.shop.change(id, change)));
  }

  @Delete('listings/by-sku/:sku')
  @HttpCode(204)
  async remove(@Param('sku', { schema: skuSchema }) sku: string): Promise<void> {
    if (!(await this.shop.removeBySku(sku))) throw new NotFoundException('There is no listing with this SKU.');
  }
}

function found(row: ShopListing | undefined): ShopListing {
  if (row === undefined) throw new NotFoundException('There is no such listing.');
  return row;
}

/** A row as the API shows it. */
export const apiListing = (row: ShopListing): ApiListing => ({
  id: row.id,
  sku: row.sku,
  path: `/storefront/listings/${row.id}`,
  title: row.title,
  description: row.description,
  tags: row.tags,
  product: row.product,
  price: { amountMinor: row.price_minor, currency: row.currency },
  imageHash: row.image_hash,
  publishedAt: row.published_at.toISOString(),
  flagged: row.flagged,
  counts: { views: row.views, favourites: row.favourites, sales: row.sales },
});
