import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { doubledRanks, rankCorrelation } from './ranks.js';

describe('doubledRanks', () => {
  it('gives equal values the mean of their ranks', () => {
    expect(doubledRanks([])).toEqual([]);
    expect(doubledRanks([0.3, 0.1, 0.2])).toEqual([6, 2, 4]);
    expect(doubledRanks([5, 1, 5, 5])).toEqual([6, 2, 6, 6]);
    expect(doubledRanks([1, 1])).toEqual([3, 3]);
  });
});

describe('rankCorrelation', () => {
  it('knows a worked example', () => {
    // Hours of television and IQ, as in the usual textbook example: ρ = −29/165.
    const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
    expect(rankCorrelation(iq, hours)).toBeCloseTo(-29 / 165, 12);
  });

  it('is 1 with what grows along, −1 with what falls, 0 where one side does not move', () => {
    const values = [0.1, 0.5, 0.2, 0.9];
    expect(rankCorrelation(values, values.map(Math.exp))).toBe(1);
    expect(
      rankCorrelation(
        values,
        values.map((value) => -value),
      ),
    ).toBe(-1);
    expect(rankCorrelation(values, [3, 3, 3, 3])).toBe(0);
    expect(rankCorrelation([], [])).toBe(0);
  });

  it('is within −1..1, symmetric, and the same in every order of the pairs', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(pairs, fc.integer(), (drawn, seed) => {
        const shuffled = fc.sample(fc.shuffledSubarray(drawn, { minLength: drawn.length }), { seed, numRuns: 1 })[0]!;
        const of = (list: [number, number][]) =>
          rankCorrelation(
            list.map(([x]) => x),
            list.map(([, y]) => y),
          );
        const rho = of(drawn);
        expect(Math.abs(rho)).toBeLessThanOrEqual(1);
        expect(of(shuffled)).toBe(rho);
        expect(of(drawn.map(([x, y]) => [y, x]))).toBe(rho);
      }),
    );
  });
});
