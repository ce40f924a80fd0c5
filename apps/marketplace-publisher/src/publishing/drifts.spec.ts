import { describe, expect, it } from '@jest/globals';
import { listingDrift } from '@signalpress/contracts';
import { driftsOf, sameDrifts } from './drifts.js';
import type { ShelfListing } from './marketplace.js';

const published = { title: 'Cold Water Club', price: { amountMinor: 2_199, currency: 'EUR' } };
const shown: ShelfListing = {
  ...published,
  listingId: '1',
  sku: 'SP-00000001-TS',
  flagged: false,
  views: 3,
  favourites: 0,
  sales: 0,
};

describe('driftsOf', () => {
  it('finds nothing where all is as published, counts and the ends of a title aside', () => {
    expect(driftsOf(published, shown)).toEqual([]);
    expect(driftsOf({ ...published, title: ' Cold Water Club ' }, { ...shown, views: 9 })).toEqual([]);
  });

  it('says of a listing that is gone only that', () => {
    expect(driftsOf(published, undefined)).toEqual([{ kind: 'removed', expected: null, actual: null }]);
  });

  it('names everything that differs, in one order', () => {
    const price = { amountMinor: 999, currency: 'EUR' };
    expect(driftsOf(published, { ...shown, title: 'Warm Water Club', price, flagged: true })).toEqual([
      { kind: 'flagged', expected: null, actual: null },
      { kind: 'price', expected: '21.99 EUR', actual: '9.99 EUR' },
      { kind: 'title', expected: 'Cold Water Club', actual: 'Warm Water Club' },
    ]);
  });

  it('knows currencies, also those without a smaller unit', () => {
    const yen = { amountMinor: 2_199, currency: 'JPY' };
    expect(driftsOf(published, { ...shown, price: yen })).toEqual([
      { kind: 'price', expected: '21.99 EUR', actual: '2199 JPY' },
    ]);
  });

  it('stays within what the event carries, whatever the marketplace shows', () => {
    const drifts = driftsOf({ ...published, title: 'y'.repeat(400) }, { ...shown, title: 'x'.repeat(5_000) });
    expect(drifts.map((drift) => listingDrift.parse(drift))).toHaveLength(1);
  });
});

describe('sameDrifts', () => {
  it('compares what differs and how', () => {
    const [drift] = driftsOf(published, { ...shown, title: 'a' });
    expect(sameDrifts([], [])).toBe(true);
    expect(sameDrifts([drift!], [{ ...drift! }])).toBe(true);
    expect(sameDrifts([drift!], [])).toBe(false);
    expect(sameDrifts([drift!], [{ ...drift!, actual: 'b' }])).toBe(false);
  });
});
