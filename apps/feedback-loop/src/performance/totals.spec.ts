import { describe, expect, it } from '@jest/globals';
import { conversionOf, sameCounts, totalsOf } from './totals.js';

const at = (hour: number): Date => new Date(Date.UTC(2026, 4, 4, hour));

describe('totalsOf', () => {
  it('adds up the listings and carries the newest time', () => {
    const first = { views: 10, favourites: 2, sales: 1, observedAt: at(3) };
    const second = { views: 30, favourites: 0, sales: 3, observedAt: at(2) };
    expect(totalsOf([first, second])).toEqual({
      views: 40,
      favourites: 2,
      sales: 4,
      conversion: 0.1,
      observedAt: at(3),
    });
    expect(totalsOf([second, first])).toEqual(totalsOf([first, second]));
  });

  it('does not count the time of a listing that was never observed', () => {
    const published = { views: 0, favourites: 0, sales: 0, observedAt: null };
    expect(totalsOf([published])).toEqual({ ...published, conversion: null });
    expect(totalsOf([{ ...published, observedAt: at(1) }, published]).observedAt).toEqual(at(1));
  });

  it('stays within what a row and an event can carry', () => {
    const huge = { views: 2_000_000_000, favourites: 0, sales: 0, observedAt: at(1) };
    expect(totalsOf([huge, huge]).views).toBe(2_147_483_647);
  });
});

describe('conversionOf', () => {
  it('is null before the first view and never above 1', () => {
    expect(conversionOf({ views: 0, favourites: 0, sales: 0 })).toBeNull();
    expect(conversionOf({ views: 0, favourites: 0, sales: 2 })).toBeNull();
    expect(conversionOf({ views: 2, favourites: 0, sales: 5 })).toBe(1);
    expect(conversionOf({ views: 12, favourites: 3, sales: 3 })).toBe(0.25);
  });
});

describe('sameCounts', () => {
  it('compares every count', () => {
    const counts = { views: 1, favourites: 2, sales: 3 };
    expect(sameCounts(counts, { ...counts })).toBe(true);
    for (const name of ['views', 'favourites', 'sales'] as const) {
      expect(sameCounts(counts, { ...counts, [name]: 9 })).toBe(false);
    }
  });
});
