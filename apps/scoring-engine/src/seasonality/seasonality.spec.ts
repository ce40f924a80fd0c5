import { describe, expect, it } from '@jest/globals';
import { OccasionCalendar } from './calendar.js';
import { giftOccasions } from './occasions.js';
import { nearness, neutralSeasonality, seasonality } from './seasonality.js';

const us = new OccasionCalendar('US', 'UTC');

describe('seasonality', () => {
  it('is neutral when no occasion is named', () => expect(seasonality([])).toBe(neutralSeasonality));

  it.each([
    [0, 1],
    [7, 1],
    [-7, 1],
    [21, 0.5],
    [-21, 0.5],
    [35, 0.25],
  ])('is near by %d days: %d', (days, value) => expect(nearness(days)).toBe(value));
});

describe('occasion calendar', () => {
  it.each([
    ["Hand-drawn cards for Mother's Day", '2026-05-04T12:00:00.000Z', "Mother's Day", '2026-05-10', 6],
    ['Mother’s day brunch', '2026-05-12T12:00:00.000Z', "Mother's Day", '2026-05-10', -2],
    ['Halloween costumes for greyhounds', '2026-10-24T12:00:00.000Z', 'Halloween', '2026-10-31', 7],
    ['New Year resolutions', '2026-12-30T12:00:00.000Z', "New Year's Eve", '2026-12-31', 1],
    ['A very early Christmas jumper', '2026-01-02T12:00:00.000Z', 'Christmas', '2025-12-25', -8],
    ['Back to school with a typewriter', '2026-08-20T12:00:00.000Z', 'Back to School', '2026-08-25', 5],
    ['Parades on Memorial Day', '2026-05-20T12:00:00.000Z', 'Memorial Day', '2026-05-25', 5],
  ])('finds the day that "%s" names', (title, asOf, name, date, days) => {
    expect(us.namedIn([title], asOf)).toContainEqual({ name, date, days });
  });

  it('looks at topics too, and not into words', () => {
    const asOf = '2026-03-30T12:00:00.000Z';
    expect(us.namedIn(['Dyeing eggs with onion skins', 'easter'], asOf).map(({ name }) => name)).toEqual(['Easter']);
    expect(us.namedIn(['Eastern towhees return'], asOf)).toEqual([]);
  });

  it("takes the region's own date", () => {
    const asOf = '2026-03-10T12:00:00.000Z';
    expect(new OccasionCalendar('GB', 'UTC').namedIn(["Mother's Day"], asOf)).toContainEqual(
      expect.objectContaining({ date: '2026-03-15', days: 5 }),
    );
  });

  it('counts days in the time zone of the shop', () => {
    const [auckland] = new OccasionCalendar('NZ', 'Pacific/Auckland').namedIn(
      ['Halloween'],
      '2026-10-30T20:00:00.000Z',
    );
    expect(auckland).toMatchObject({ date: '2026-10-31', days: 0 });
  });

  it('knows every gift occasion in a region without a calendar of its own', () => {
    const nowhere = new OccasionCalendar('ZZ', 'UTC');
    for (const { name, aliases } of giftOccasions) {
      const found = nowhere.namedIn([aliases[0]!], '2026-06-01T12:00:00.000Z');
      expect(found).toContainEqual(
        expect.objectContaining({ name, date: expect.stringMatching(/^202[567]-\d\d-\d\d$/) }),
      );
    }
  });
});
