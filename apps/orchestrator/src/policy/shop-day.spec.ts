import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shopDay } from './shop-day.js';

const day = (instant: string, zone: string): { date: string; nextStart: string } => {
  const found = shopDay(new Date(instant), zone);
  return { date: found.date, nextStart: found.nextStart.toISOString() };
};

describe('shopDay', () => {
  it('turns at midnight of the shop, not of UTC', () => {
    expect(day('2026-05-04T21:59:59.999Z', 'Europe/Berlin')).toEqual({
      date: '2026-05-04',
      nextStart: '2026-05-04T22:00:00.000Z',
    });
    expect(day('2026-05-04T22:00:00.000Z', 'Europe/Berlin')).toEqual({
      date: '2026-05-05',
      nextStart: '2026-05-05T22:00:00.000Z',
    });
  });

  it('knows the day of 23 hours and the day of 25 hours', () => {
    expect(day('2026-03-28T23:00:00.000Z', 'Europe/Berlin').nextStart).toBe('2026-03-29T22:00:00.000Z');
    expect(day('2026-10-24T22:00:00.000Z', 'Europe/Berlin').nextStart).toBe('2026-10-25T23:00:00.000Z');
  });

  it('knows a day that starts at 01:00, because the clock changes at midnight', () => {
    expect(day('2026-09-05T12:00:00.000Z', 'America/Santiago')).toEqual({
      date: '2026-09-05',
      nextStart: '2026-09-06T04:00:00.000Z',
    });
  });

  it('ends every day where the next one begins, and the same instant always has the same day', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati', 'Asia/Kathmandu');
    const instants = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        const { date, nextStart } = shopDay(instant, zone);
        expect(nextStart.getTime()).toBeGreaterThan(instant.getTime());
        expect(shopDay(new Date(nextStart.getTime() - 1), zone)).toEqual({ date, nextStart });
        expect(shopDay(nextStart, zone).date > date).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
