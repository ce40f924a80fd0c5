import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, clockFrom } from './clock.js';

describe('Clock', () => {
  it('shows the real time by default', () => {
    expect(Math.abs(clockFrom({}).now().getTime() - Date.now())).toBeLessThan(50);
  });

  it('starts with the process at the given instant and runs at real speed', async () => {
    const clock = clockFrom({ CLOCK_AS_OF: '2026-01-31T12:00:00+01:00' });
    const first = clock.now().getTime();
    expect(first - Date.parse('2026-01-31T11:00:00Z')).toBeLessThan(Date.now() - performance.timeOrigin + 50);
    expect(first).toBeGreaterThanOrEqual(Date.parse('2026-01-31T11:00:00Z'));
    await sleep(30);
    expect(clock.now().getTime() - first).toBeGreaterThanOrEqual(25);
    expect(clock.now().getTime() - first).toBeLessThan(1000);
  });

  it('agrees with every other clock of the process', async () => {
    const one = new Clock(new Date('2026-01-31T12:00:00Z'));
    await sleep(20);
    const other = new Clock(new Date('2026-01-31T12:00:00Z'));
    expect(Math.abs(one.now().getTime() - other.now().getTime())).toBeLessThan(5);
  });
});
