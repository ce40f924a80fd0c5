import { Injectable } from '@nestjs/common';
import type { Money, Product } from '@signalpress/contracts';
import type { ListingRow } from './listings.repository.js';
import type { MarketplaceListing } from './marketplace.js';
import { storefrontRules } from './marketplace.js';
import { baseCosts, priceOf } from './pricing.js';
import { RefusedError } from './publishing.errors.js';
import { PublishingOptions } from './publishing.options.js';
import type { Refusal } from './rules.js';
import { refusalOf } from './rules.js';
import { StorefrontClient } from './storefront.client.js';

export type PublishResult =
  | { readonly refusal: Refusal }
  /** `adopted`: it was there already, from a try whose answer was lost. */
  | { readonly listing: MarketplaceListing; readonly outcome: 'published' | 'adopted' };

/** The way of a listing onto the storefront. */
@Injectable()
export class PublishingService {
  constructor(
    private readonly storefront: StorefrontClient,
    private readonly options: PublishingOptions,
  ) {}

  /**
   * Looks the SKU up before anything is created, on every try: an earlier one may have got through without our knowing.
   * @throws UnavailableError, PreviewError
   */
  async publish(row: ListingRow, signal?: AbortSignal): Promise<PublishResult> {
    const refusal = refusalOf(storefrontRules, row.copy, row.preview);
    if (refusal !== undefined) return { refusal };
    try {
      const existing = await this.storefront.findBySku(row.sku, signal);
      if (existing !== undefined) return { listing: existing, outcome: 'adopted' };
      const picture = await this.storefront.fetchPreview(row.preview, signal);
      await this.storefront.putImage(row.preview.hash, row.preview.mediaType, picture, signal);
      const draft = {
        sku: row.sku,
        product: row.product,
        ...row.copy,
        price: this.priceFor(row.product),
        imageHash: row.preview.hash,
      };
      return { listing: await this.storefront.create(draft, signal), outcome: 'published' };
    } catch (error) {
      // A wrong key is our fault, not the listing's: it goes through the bounded tries and shows in the alerts.
      if (error instanceof RefusedError && error.status !== 401 && error.status !== 403) {
        return { refusal: { code: error.code, message: error.message } };
      }
      throw error;
    }
  }

  private priceFor(product: Product): Money {
    const { amountMinor, currency } = baseCosts[product];
    const terms = { baseCost: amountMinor, margin: this.options.margin, fee: storefrontRules.fee };
    return { amountMinor: priceOf(terms), currency };
  }
}
