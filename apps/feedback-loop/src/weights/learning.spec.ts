import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { factors, greatestShare, isWithinBounds, learn, leastShare, longestStep, unit } from './learning.js';
import type { Sample, Shares } from './learning.js';

const first: Shares = { freshness: 3_500, engagement: 3_000, novelty: 1_500, communityFit: 1_000, seasonality: 1_000 };
const sum = (shares: Shares): number => factors.reduce((total, factor) => total + shares[factor], 0);

/** As scores have them: whole ten-thousandths. */
const value = fc.integer({ min: 0, max: unit }).map((whole) => whole / unit);
const sample = fc.record({
  ideaId: fc.uuid(),
  values: fc.record({
    freshness: value,
    engagement: value,
    novelty: value,
    communityFit: value,
    seasonality: value,
  }),
  views: fc.integer({ min: 0, max: 2_000_000_000 }),
  sales: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2_000_000_000 })),
});
const anySamples = fc.array(sample, { maxLength: 60 });
/** Samples in which one factor, up to chance, tells what sells or what does not. */
const telltale = fc
  .tuple(fc.array(sample, { minLength: 20, maxLength: 60 }), fc.constantFrom(...factors), fc.boolean())
  .map(([drawn, factor, rising]) =>
    drawn.map((one) => {
      const views = 100 + (one.views % 900);
      const share = rising ? one.values[factor] : 1 - one.values[factor];
      return { ...one, views, sales: Math.round(views * share) };
    }),
  );
const samples = fc.oneof(anySamples, telltale);
/** Weights that are allowed: the least for each, and the rest given away in parts. */
const allowed: fc.Arbitrary<Shares> = fc
  .tuple(...factors.map(() => fc.integer({ min: 1, max: 1_000 })))
  .map((parts) => {
    const rest = unit - factors.length * leastShare;
    const all = parts.reduce((total, part) => total + part, 0);
    const given = parts.map((part) => leastShare + Math.floor((part / all) * rest));
    const missing = unit - given.reduce((total, share) => total + share, 0);
    const [freshness = 0, engagement = 0, novelty = 0, communityFit = 0, seasonality = 0] = given;
    return { freshness: freshness + missing, engagement, novelty, communityFit, seasonality };
  })
  .filter(isWithinBounds);

/** Ideas of which those with a high value of the factor sell, and the other factors say nothing. */
function telling(factor: keyof Shares, count: number, direction: 1 | -1 = 1): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const values = { freshness: 0.5, engagement: 0.5, novelty: 0.5, communityFit: 0.5, seasonality: 0.5 };
    const rank = direction === 1 ? index : count - index;
    return { ideaId: `idea-${index}`, values: { ...values, [factor]: rank / count }, views: 1_000, sales: index };
  });
}

describe('learn', () => {
  it('never leaves its bounds, its step or the sum, whatever the samples and weights are', () => {
    let steps = 0;
    // Properties that hold because nothing happens prove nothing, so the steps are counted.
    fc.assert(
      fc.property(allowed, allowed, samples, (current, start, drawn) => {
        const learning = learn(current, start, drawn, 10);
        if (learning === undefined) return;
        steps += 1;
        expect(sum(learning.shares)).toBe(unit);
        for (const factor of factors) {
          const share = learning.shares[factor];
          expect(Number.isInteger(share)).toBe(true);
          expect(share).toBeGreaterThanOrEqual(leastShare);
          expect(share).toBeLessThanOrEqual(greatestShare);
          expect(Math.abs(share - current[factor])).toBeLessThanOrEqual(longestStep);
        }
        expect(learning.samples).toBe(drawn.filter(({ views }) => views > 0).length);
      }),
      { numRuns: 500 },
    );
    expect(steps).toBeGreaterThan(150);
  });

  it('says the same in whatever order the samples come', () => {
    fc.assert(
      fc.property(allowed, samples, fc.integer(), (current, drawn, seed) => {
        const shuffled = fc.sample(fc.shuffledSubarray(drawn, { minLength: drawn.length }), { seed, numRuns: 1 })[0]!;
        expect(learn(current, first, shuffled, 5)).toEqual(learn(current, first, drawn, 5));
      }),
    );
  });

  it('takes no step on too few samples, nor on ideas that nobody looked at', () => {
    fc.assert(
      fc.property(allowed, fc.array(sample, { maxLength: 29 }), (current, drawn) => {
        expect(learn(current, first, drawn, 30)).toBeUndefined();
      }),
    );
    const unseen = telling('novelty', 100).map((one) => ({ ...one, views: 0 }));
    expect(learn(first, first, unseen, 30)).toBeUndefined();
    expect(learn(first, first, [...unseen, ...telling('novelty', 29)], 30)).toBeUndefined();
    expect(learn(first, first, [...unseen, ...telling('novelty', 30)], 30)?.samples).toBe(30);
    expect(learn(first, first, [], 0)).toBeUndefined();
  });

  it('takes no step when nothing sold, when all did alike, or when the factors say nothing', () => {
    const ideas = telling('novelty', 50);
    for (const sales of [0, 7]) {
      expect(
        learn(
          first,
          first,
          ideas.map((one) => ({ ...one, sales })),
          30,
        ),
      ).toBeUndefined();
    }
    const alike = ideas.map((one) => ({ ...one, values: ideas[0]!.values }));
    expect(learn(first, first, alike, 30)).toBeUndefined();
  });

  it('moves towards a factor that tells what sells, and away from one that tells what does not', () => {
    const up = learn(first, first, telling('novelty', 40), 30)!;
    expect(up.shares.novelty).toBe(first.novelty + longestStep);
    expect(up.correlations).toEqual({ freshness: 0, engagement: 0, novelty: 1, communityFit: 0, seasonality: 0 });
    const down = learn(first, first, telling('freshness', 40, -1), 30)!;
    expect(down.shares.freshness).toBe(first.freshness - longestStep);
    expect(down.correlations.freshness).toBe(-1);
  });

  it('comes to rest where the evidence says, however often it is asked', () => {
    const ideas = telling('novelty', 40);
    let current = first;
    let steps = 0;
    for (let next = learn(current, first, ideas, 30); next !== undefined; next = learn(current, first, ideas, 30)) {
      current = next.shares;
      steps += 1;
      expect(steps).toBeLessThan(40);
    }
    // 3 × 1500 of 3500 + 3000 + 3 × 1500 + 1000 + 1000.
    expect(Math.abs(current.novelty - (4_500 / 13_000) * unit)).toBeLessThanOrEqual(2);
    expect(sum(current)).toBe(unit);
  });

  it('does not take one sale at the first view for a best-seller', () => {
    const ideas = telling('novelty', 40).map((one, index) => ({ ...one, sales: 100 + index }));
    const lucky = { ...ideas[0]!, ideaId: 'lucky', views: 1, sales: 1 };
    const correlations = [ideas, [...ideas, lucky]].map((list) => learn(first, first, list, 30)!.correlations.novelty);
    expect(correlations[0]).toBe(1);
    // It ranks above its peers but is one of 41; its conversion of 100 % weighs no more than its rank.
    expect(correlations[1]).toBeGreaterThan(0.75);
  });

  it('leaves alone weights that are not allowed', () => {
    const odd = { ...first, freshness: 6_500, engagement: 0 };
    expect(learn(odd, first, telling('novelty', 40), 30)).toBeUndefined();
    expect(isWithinBounds(first)).toBe(true);
    expect(isWithinBounds({ ...first, novelty: 1_501 })).toBe(false);
  });
});
