import type { Money } from '@signalpress/contracts';

/** Limits of a marketplace, checked before it is asked. */
export interface MarketplaceRules {
  readonly titleLength: number;
  readonly descriptionLength: number;
  readonly tags: number;
  readonly tagLength: number;
  readonly image: { readonly leastSide: number; readonly bytes: number; readonly mediaTypes: readonly string[] };
  /** Phrases that the marketplace refuses, in lower case. */
  readonly banned: readonly string[];
  /** Share of a price that the marketplace keeps, 0..1. */
  readonly fee: number;
  /** Requests that we make at most; reading page after page leaves room for publishing. */
  readonly requestsPerSecond: number;
}

/** The storefront is ours: its fee stands for payment costs, its banned words for what would bring us into trouble. */
export const storefrontRules: MarketplaceRules = {
  titleLength: 140,
  descriptionLength: 5_000,
  tags: 13,
  tagLength: 20,
  image: { leastSide: 600, bytes: 2 * 1024 * 1024, mediaTypes: ['image/png', 'image/jpeg', 'image/webp'] },
  banned: ['counterfeit', 'replica', 'bootleg', 'officially licensed', 'miracle cure', 'fda approved', 'risk free'],
  fee: 0.05,
  requestsPerSecond: 50,
};

/** A listing as the marketplace knows it. */
export interface MarketplaceListing {
  readonly listingId: string;
  readonly url: string;
  readonly price: Money;
  readonly publishedAt: Date;
}

export interface ListingDraft {
  readonly sku: string;
  readonly product: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly price: Money;
  readonly imageHash: string;
}

export interface ListingCounts {
  readonly sku: string;
  readonly listingId: string;
  readonly views: number;
  readonly favourites: number;
  readonly sales: number;
}

/** A listing as it stands on the marketplace's shelf. */
export interface ShelfListing extends ListingCounts {
  readonly title: string;
  readonly price: Money;
  /** The marketplace has doubts about it. */
  readonly flagged: boolean;
}

export interface ShelfPage {
  readonly items: readonly ShelfListing[];
  readonly nextCursor: string | null;
}
