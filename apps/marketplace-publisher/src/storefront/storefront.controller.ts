import {
  Controller,
  Get,
  Header,
  Headers,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { Metrics } from '@signalpress/observability';
import { z } from 'zod';
import { shopActions } from './storefront.metrics.js';
import { galleryHtml, goneHtml, listingHtml } from './storefront.pages.js';
import type { ShopListing } from './storefront.repository.js';
import { StorefrontRepository } from './storefront.repository.js';
import type { DetailQuery, GalleryPage } from './storefront.schemas.js';
import { detailQuery, galleryPage, imageHash } from './storefront.schemas.js';
import { storefrontStyle } from './storefront.style.js';

/** The part of the HTTP adapter's reply that these routes need. */
interface Reply {
  header(name: string, value: string): unknown;
  status(code: number): unknown;
}

const perPage = 24;
const uuid = z.uuid();
const htmlType = 'text/html; charset=utf-8';
const immutable = 'public, max-age=31536000, immutable';
/** Pages run no script, load from here only, and post to here only. */
const policy =
  "default-src 'none'; img-src 'self' data:; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The pages that buyers see. */
@Controller('storefront')
export class StorefrontController {
  constructor(
    private readonly shop: StorefrontRepository,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  @Header('content-type', htmlType)
  @Header('content-security-policy', policy)
  @Header('cache-control', 'no-cache')
  async gallery(@Query({ schema: galleryPage }) { before }: GalleryPage): Promise<string> {
    return galleryHtml(await this.shop.page(perPage, before), before === undefined);
  }

  @Get('style.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', immutable)
  style(): string {
    return storefrontStyle;
  }

  @Get('images/:hash')
  async image(
    @Param('hash', { schema: imageHash }) hash: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Buffer | undefined> {
    const image = await this.shop.findImage(hash);
    if (image === undefined) throw new NotFoundException('There is no such picture.');
    reply.header('etag', `"${hash}"`);
    reply.header('cache-control', immutable);
    reply.header('x-content-type-options', 'nosniff');
    if (known?.includes(`"${hash}"`) === true) {
      reply.status(304);
      return undefined;
    }
    reply.header('content-type', image.media_type);
    return image.content;
  }

  /** A page load is a view, unless it only confirms a button, is a prefetch, or asks for the headers alone. */
  @Get('listings/:id')
  @Header('content-type', htmlType)
  @Header('content-security-policy', policy)
  @Header('cache-control', 'no-store')
  async listing(
    @Param('id') id: string,
    @Query({ schema: detailQuery }) { done }: DetailQuery,
    @Headers('sec-purpose') purpose: string | undefined,
    @Req() request: { readonly method: string },
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    const counts = request.method === 'GET' && done === undefined && purpose?.includes('prefetch') !== true;
    const listing = await this.look(id, counts);
    if (listing === undefined) {
      reply.status(404);
      return goneHtml();
    }
    return listingHtml(listing, done);
  }

  @Post('listings/:id/favourite')
  @HttpCode(303)
  async favourite(@Param('id') id: string, @Res({ passthrough: true }) reply: Reply): Promise<string> {
    return this.act(id, 'favourite', reply);
  }

  @Post('listings/:id/buy')
  @HttpCode(303)
  async buy(@Param('id') id: string, @Res({ passthrough: true }) reply: Reply): Promise<string> {
    return this.act(id, 'buy', reply);
  }

  private async look(id: string, counts: boolean): Promise<ShopListing | undefined> {
    // An address that cannot be one of ours gets the same friendly page.
    if (!uuid.safeParse(id).success) return undefined;
    if (!counts) return this.shop.find(id);
    const listing = await this.shop.count(id, 'views');
    if (listing !== undefined) this.metrics.counter(shopActions).inc({ action: 'view' });
    return listing;
  }

  private async act(id: string, action: 'favourite' | 'buy', reply: Reply): Promise<string> {
    const counter = action === 'buy' ? 'sales' : 'favourites';
    const listing = uuid.safeParse(id).success ? await this.shop.count(id, counter) : undefined;
    reply.header('content-type', htmlType);
    if (listing === undefined) {
      reply.status(404);
      return goneHtml();
    }
    this.metrics.counter(shopActions).inc({ action });
    reply.header('location', `../${listing.id}?done=${action}`);
    return '';
  }
}
