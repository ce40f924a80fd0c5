import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { embed } from '../text/embedding.js';
import { communityFit } from './community-fit.js';
import { engagement, median, sourceStatistics } from './engagement.js';
import { ageInHours, freshness } from './freshness.js';
import { novelty } from './novelty.js';

const capturedAt = '2026-05-04T12:00:00.000Z';
const usual = { samples: 20, median: 40, mad: 10 };

describe('freshness', () => {
  it('is 1 for what was just published and falls with every hour', () => {
    expect(freshness(0)).toBe(1);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 700, noNaN: true }), (hours) => {
        expect(freshness(hours + 1)).toBeLessThan(freshness(hours));
        expect(freshness(hours)).toBeGreaterThan(0);
      }),
    );
  });

  it('has lost half of its logistic after two days and nearly all after a week', () => {
    expect(freshness(48)).toBeCloseTo(0.5 * (1 + Math.exp(-2)), 10);
    expect(freshness(168)).toBeLessThan(0.01);
  });

  it.each([
    ['published before capture', '2026-05-04T06:00:00.000Z', 6],
    ['without a publication date', null, 0],
    ['published in the future', '2026-05-09T06:00:00.000Z', 0],
    ['published years ago', '2019-05-04T06:00:00.000Z', 720],
  ])('takes the age of a signal %s', (_, publishedAt, hours) => {
    expect(ageInHours({ publishedAt, capturedAt }, capturedAt)).toBe(hours);
  });

  it('grows older between capture and scoring', () => {
    expect(ageInHours({ publishedAt: null, capturedAt }, '2026-05-05T12:00:00.000Z')).toBe(24);
  });
});

describe('engagement', () => {
  it('takes the median and the median deviation from it', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(sourceStatistics([10, 20, 30, 40, 1_000])).toEqual({ samples: 5, median: 30, mad: 10 });
    expect(sourceStatistics([])).toEqual({ samples: 0, median: 0, mad: 0 });
  });

  it('is a half at the median, and without anything to compare', () => {
    expect(engagement(40, usual)).toBe(0.5);
    expect(engagement(null, usual)).toBe(0.5);
    expect(engagement(40, undefined)).toBe(0.5);
    expect(engagement(0, sourceStatistics([]))).toBe(0.5);
  });

  it('grows with the count and stays between 0 and 1', () => {
    const count = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(count, count, fc.array(count, { maxLength: 30 }), (a, b, counts) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const statistics = sourceStatistics(counts);
        expect(engagement(less, statistics)).toBeLessThanOrEqual(engagement(more, statistics));
        expect(engagement(less, statistics)).toBeGreaterThanOrEqual(0);
        expect(engagement(more, statistics)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('believes an outlier less when it has few samples', () => {
    expect(engagement(90, { ...usual, samples: 2 })).toBeLessThan(engagement(90, usual));
    expect(engagement(90, { ...usual, samples: 2 })).toBeGreaterThan(0.5);
  });

  it('does not make a sensation of one more comment at a source whose counts hardly differ', () => {
    expect(engagement(41, { samples: 20, median: 40, mad: 0 })).toBeLessThan(0.6);
  });
});

describe('novelty and community fit', () => {
  const owls = embed({ title: 'Night hikers record tawny owls', summary: '', topics: ['birds'] });
  const numbers = Array.from(owls);

  it('finds everything new when there is nothing to compare it with', () => expect(novelty(owls, null)).toBe(1));

  it('finds nothing new in the same text', () => expect(novelty(owls, numbers)).toBeCloseTo(0, 6));

  it('does not go beyond 1 for a text that is opposite', () => {
    expect(
      novelty(
        owls,
        numbers.map((x) => -x),
      ),
    ).toBe(1);
  });

  it('is neutral in a shop that has sold nothing', () => {
    expect(communityFit(owls, { ideas: 0, centroid: null })).toBe(0.5);
  });

  it('moves towards the likeness to what sold as sales gather', () => {
    const one = communityFit(owls, { ideas: 1, centroid: numbers });
    const many = communityFit(owls, { ideas: 50, centroid: numbers });
    expect(one).toBeGreaterThan(0.5);
    expect(many).toBeGreaterThan(one);
    const bread = Array.from(embed({ title: 'Sourdough bread', summary: '', topics: [] }));
    expect(communityFit(owls, { ideas: 50, centroid: bread })).toBeLessThan(0.3);
  });
});
