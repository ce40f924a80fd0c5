import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { embeddingDimensions, embeddingVersion } from '../text/embedding.js';
import { scoreInputs } from './inputs.js';
import type { ScoredSignal, ScoreInputs } from './inputs.js';
import { score } from './score.js';
import { weightShares } from './weights.js';

const signal: ScoredSignal = {
  signalId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01',
  source: 'feed:garden',
  title: 'Balcony gardeners grow strawberries in rain gutters',
  summary: 'A vertical patch that fits on two square metres.',
  topics: ['gardening'],
  publishedAt: '2026-05-04T06:00:00.000Z',
  capturedAt: '2026-05-04T12:00:00.000Z',
  engagement: 60,
};

const inputs: ScoreInputs = {
  embeddingVersion,
  asOf: '2026-05-04T12:00:02.000Z',
  signals: [signal],
  statistics: {
    sources: { 'feed:garden': { samples: 20, median: 40, mad: 10 } },
    recent: { ideas: 0, centroid: null },
    sold: { ideas: 0, centroid: null },
    occasions: [],
  },
  weights: {
    version: 1,
    shares: { freshness: 3_500, engagement: 3_000, novelty: 1_500, communityFit: 1_000, seasonality: 1_000 },
  },
};

const instant = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const vector = fc.option(
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: embeddingDimensions,
    maxLength: embeddingDimensions,
  }),
);
const shares = fc
  .array(fc.integer({ min: 0, max: 10_000 }), { minLength: 4, maxLength: 4 })
  .map((cuts) => [0, ...cuts.sort((a, b) => a - b), 10_000])
  .map((cuts) => cuts.slice(1).map((cut, index) => cut - cuts[index]!))
  .map(([freshness, engagement, novelty, communityFit, seasonality]) =>
    weightShares.parse({ freshness, engagement, novelty, communityFit, seasonality }),
  );
const count = fc.double({ min: 0, max: 1e6, noNaN: true });
const arbitraryInputs: fc.Arbitrary<ScoreInputs> = fc.record({
  embeddingVersion: fc.constant(embeddingVersion),
  asOf: instant,
  signals: fc.uniqueArray(
    fc.record({
      signalId: fc.uuid({ version: 4 }),
      source: fc.constantFrom('feed:a', 'feed:b', 'api'),
      title: fc.string({ minLength: 1 }),
      summary: fc.string(),
      topics: fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 3 }),
      publishedAt: fc.option(instant),
      capturedAt: instant,
      engagement: fc.option(count),
    }),
    { minLength: 1, maxLength: 4, selector: ({ signalId }) => signalId },
  ),
  statistics: fc.record({
    sources: fc.dictionary(
      fc.constantFrom('feed:a', 'feed:b'),
      fc.record({ samples: fc.nat(50), median: count, mad: count }),
      { noNullPrototype: true },
    ),
    recent: fc.record({ ideas: fc.nat(500), centroid: vector }),
    sold: fc.record({ ideas: fc.nat(500), centroid: vector }),
    occasions: fc.array(
      fc.record({
        name: fc.constant('Easter'),
        date: fc.constant('2026-04-05'),
        days: fc.integer({ min: -200, max: 200 }),
      }),
      { maxLength: 2 },
    ),
  }),
  weights: fc.record({ version: fc.constant(1), shares }),
});

describe('score', () => {
  it('explains every factor, and the contributions add up', () => {
    const { score: total, breakdown } = score(inputs);
    expect(breakdown.map(({ factor, value, weight }) => [factor, value, weight])).toEqual([
      ['freshness', expect.closeTo(0.966, 2), 0.35],
      ['engagement', expect.closeTo(0.794, 2), 0.3],
      ['novelty', 1, 0.15],
      ['communityFit', 0.5, 0.1],
      ['seasonality', 0.5, 0.1],
    ]);
    expect(breakdown.map(({ explanation }) => explanation)).toEqual([
      'Newest signal published 6.0 hours before scoring.',
      '60 interactions against median 40 and MAD 10 of 20 at feed:garden in 7 days.',
      'There are no recent ideas to compare it with.',
      'Nothing has sold yet; neutral.',
      'Names no calendar event; neutral.',
    ]);
    expect(total).toBeCloseTo(0.826, 2);
  });

  it('is between 0 and 1, adds up exactly, and survives being stored, for any inputs', () => {
    fc.assert(
      fc.property(arbitraryInputs, (any) => {
        const { score: total, breakdown } = score(any);
        // In units of one hundred-millionth every contribution is a whole number.
        const units = breakdown.map(({ contribution }) => Math.round(contribution * 1e8));
        expect(units.reduce((sum, unit) => sum + unit, 0)).toBe(Math.round(total * 1e8));
        breakdown.forEach(({ value, weight, contribution, explanation }, index) => {
          expect(contribution).toBeCloseTo(value * weight, 12);
          expect(contribution).toBe(units[index]! / 1e8);
          expect(explanation.length).toBeLessThanOrEqual(300);
        });
        expect(total).toBeGreaterThanOrEqual(0);
        expect(total).toBeLessThanOrEqual(1);
        const stored = scoreInputs.parse(JSON.parse(JSON.stringify(any)));
        expect(score(stored)).toEqual({ score: total, breakdown });
      }),
    );
  });

  it('does not depend on the order in which the signals came', () => {
    fc.assert(
      fc.property(arbitraryInputs, (any) => {
        expect(score({ ...any, signals: [...any.signals].reverse() })).toEqual(score(any));
      }),
    );
  });

  it('is 1 when every factor is', () => {
    const shares = { freshness: 10_000, engagement: 0, novelty: 0, communityFit: 0, seasonality: 0 };
    const now = { ...signal, publishedAt: inputs.asOf };
    expect(score({ ...inputs, signals: [now], weights: { version: 2, shares } }).score).toBe(1);
  });

  it('lets the youngest and the best received signal of the idea count', () => {
    const older = { ...signal, publishedAt: '2026-05-01T06:00:00.000Z', engagement: 200 };
    const both = score({ ...inputs, signals: [older, signal] });
    const alone = score(inputs);
    const valueOf = (result: typeof both, name: string) =>
      result.breakdown.find(({ factor }) => factor === name)!.value;
    expect(valueOf(both, 'freshness')).toBe(valueOf(alone, 'freshness'));
    expect(valueOf(both, 'engagement')).toBeGreaterThan(valueOf(alone, 'engagement'));
  });

  it('names the occasion that decides the season', () => {
    const occasions = [
      { name: 'Halloween', date: '2026-10-31', days: 180 },
      { name: "Mother's Day", date: '2026-05-10', days: 6 },
    ];
    const { breakdown } = score({ ...inputs, statistics: { ...inputs.statistics, occasions } });
    expect(breakdown.at(-1)).toMatchObject({ value: 1, explanation: "Names Mother's Day (2026-05-10, in 6 days)." });
  });

  it('refuses weights that do not add up to one', () => {
    expect(() => weightShares.parse({ ...inputs.weights.shares, novelty: 1 })).toThrow('add up to 10000');
  });
});
