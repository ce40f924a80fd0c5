import { describe, expect, it } from '@jest/globals';
import { ReportRate } from './report-rate.js';

describe('ReportRate', () => {
  it('lets so many pass at once, and so many per second on average', () => {
    let now = 0;
    const rate = new ReportRate(10, () => now);
    const passed = (tries: number) => Array.from({ length: tries }, () => rate.take()).filter(Boolean).length;
    expect(passed(10_000)).toBe(10);
    now = 500;
    expect(passed(10_000)).toBe(5);
    now = 60_000;
    expect(passed(10_000)).toBe(10);
  });
});
