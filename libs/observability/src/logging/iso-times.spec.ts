import { describe, expect, it } from '@jest/globals';
import { isoTimes } from './iso-times.js';

describe('isoTimes', () => {
  it('is the ISO time of each moment, forwards and backwards', () => {
    let now = 0;
    const time = isoTimes(() => now);
    const start = Date.UTC(2026, 11, 31, 23, 59, 59, 0);
    for (const offset of [0, 0, 7, 42, 999, 1_000, 1_001, 3_600_000, 5, 86_400_000]) {
      now = start + offset;
      expect(time()).toBe(`,"time":"${new Date(now).toISOString()}"`);
    }
  });
});
