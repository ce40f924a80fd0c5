import { isDeepStrictEqual } from 'node:util';
import type { ListingDrift, Money } from '@signalpress/contracts';
import type { ShelfListing } from './marketplace.js';

/** What was published. */
export interface PublishedFacts {
  readonly title: string;
  readonly price: Money;
}

const longestText = 300;

/**
 * How a listing differs from what was published, in a fixed order; nothing when it is as it should be.
 *
 * @param shown what the marketplace shows of it, or undefined when it does not show it at all
 */
export function driftsOf(published: PublishedFacts, shown: ShelfListing | undefined): ListingDrift[] {
  if (shown === undefined) return [{ kind: 'removed', expected: null, actual: null }];
  const drifts: ListingDrift[] = [];
  if (shown.flagged) drifts.push({ kind: 'flagged', expected: null, actual: null });
  const { amountMinor, currency } = published.price;
  if (shown.price.amountMinor !== amountMinor || shown.price.currency !== currency) {
    drifts.push({ kind: 'price', expected: priceText(published.price), actual: priceText(shown.price) });
  }
  // Marketplaces strip the ends of a title.
  const [expected, actual] = [published.title.trim(), shown.title.trim()];
  if (expected !== actual) {
    drifts.push({ kind: 'title', expected: shortened(expected), actual: shortened(actual) });
  }
  return drifts;
}

/** Whether two sets of drifts, each in its fixed order, say the same. */
export const sameDrifts = (a: readonly ListingDrift[], b: readonly ListingDrift[]): boolean => isDeepStrictEqual(a, b);

/** `21.99 EUR` for 2199 EUR; `1500 JPY`, which has no smaller unit. */
function priceText({ amountMinor, currency }: Money): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return `${(amountMinor / 10 ** digits).toFixed(digits)} ${currency}`;
}

const shortened = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text);
