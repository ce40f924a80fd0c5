import { product } from '@signalpress/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { baseCosts, priceOf } from './pricing.js';

const terms = fc.record({
  baseCost: fc.integer({ min: 1, max: 1_000_000 }),
  margin: fc.double({ min: 0, max: 0.8, noNaN: true }),
  fee: fc.double({ min: 0, max: 0.19, noNaN: true }),
});

describe('priceOf', () => {
  it.each([
    ['t-shirt', 2_199],
    ['mug', 1_399],
    ['poster', 1_699],
  ] as const)('gives a %s its price', (name, price) => {
    expect(priceOf({ baseCost: baseCosts[name].amountMinor, margin: 0.35, fee: 0.05 })).toBe(price);
  });

  it('has a base cost in one currency for every product', () => {
    expect(product.options.map((name) => baseCosts[name].currency)).toEqual(product.options.map(() => 'EUR'));
  });

  it('never goes below cost, always leaves the margin, and always ends in 99', () => {
    fc.assert(
      fc.property(terms, ({ baseCost, margin, fee }) => {
        const price = priceOf({ baseCost, margin, fee });
        expect(price % 100).toBe(99);
        expect(price * (1 - fee)).toBeGreaterThanOrEqual(baseCost);
        expect(price * (1 - fee) - baseCost).toBeGreaterThanOrEqual(price * margin - 1e-6 * price);
      }),
    );
  });

  it('adds less than one euro for the charm', () => {
    fc.assert(
      fc.property(terms, ({ baseCost, margin, fee }) => {
        expect(priceOf({ baseCost, margin, fee }) - Math.ceil(baseCost / (1 - margin - fee))).toBeLessThan(100);
      }),
    );
  });

  it('never falls when the cost rises', () => {
    fc.assert(
      fc.property(terms, fc.integer({ min: 0, max: 10_000 }), ({ baseCost, margin, fee }, more) => {
        expect(priceOf({ baseCost: baseCost + more, margin, fee })).toBeGreaterThanOrEqual(
          priceOf({ baseCost, margin, fee }),
        );
      }),
    );
  });

  it.each([
    { baseCost: 0, margin: 0.3, fee: 0.1 },
    { baseCost: 100, margin: 0.9, fee: 0.1 },
    { baseCost: 100, margin: -0.1, fee: 0.1 },
    { baseCost: Number.NaN, margin: 0.1, fee: 0.1 },
  ])('refuses terms that no price can meet: %o', (impossible) => {
    expect(() => priceOf(impossible)).toThrow(RangeError);
  });
});
