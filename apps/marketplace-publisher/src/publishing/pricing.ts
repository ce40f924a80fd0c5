import type { Money, Product } from '@signalpress/contracts';

/** What the printer asks for one piece, shipping to the buyer included (cents). */
export const baseCosts: Readonly<Record<Product, Money>> = {
  't-shirt': { amountMinor: 1_290, currency: 'EUR' },
  mug: { amountMinor: 790, currency: 'EUR' },
  poster: { amountMinor: 980, currency: 'EUR' },
};

export interface PriceTerms {
  /** In cents. */
  readonly baseCost: number;
  /** Share of the price that remains for the shop, 0..1. */
  readonly margin: number;
  /** Share of the price that the marketplace keeps, 0..1. */
  readonly fee: number;
}

/** A price ends in 99 cents. */
const charm = 99;

/**
 * Price in cents: p = cost ÷ (1 − margin − fee), then up to the next amount that ends in 99 cents. Of a price p the
 * marketplace keeps fee·p and the shop wants margin·p, so that cost = p·(1 − margin − fee); rounding up only adds to the
 * margin, so a sale never brings less than the cost.
 * @throws RangeError when margin and fee leave nothing, or the cost is not positive
 */
export function priceOf({ baseCost, margin, fee }: PriceTerms): number {
  const share = 1 - margin - fee;
  if (!(baseCost > 0) || margin < 0 || fee < 0 || share < 0.01) {
    throw new RangeError(`no price covers cost ${baseCost} with margin ${margin} and fee ${fee}`);
  }
  const least = Math.ceil(baseCost / share);
  return Math.ceil((least - charm) / 100) * 100 + charm;
}
