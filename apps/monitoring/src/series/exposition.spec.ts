import { describe, expect, it } from '@jest/globals';
import { coresBetween, readFigures } from './exposition.js';

describe('readFigures', () => {
  it('reads what it knows and passes over labels, exemplars, comments and nonsense', () => {
    const text = [
      '# HELP process_cpu_seconds_total process_cpu_seconds_total 99',
      'process_cpu_seconds_total 1.5',
      'process_resident_memory_bytes 2e6 1700000000',
      'nodejs_eventloop_lag_seconds NaN',
      'messaging_outbox_waiting{service="x"} 3',
      'h_bucket{le="1"} 4 # {trace_id="a"} 0.5',
      'messaging_outbox_oldest_age_seconds',
    ].join('\n');
    expect(readFigures(text)).toEqual({
      cpuSecondsTotal: 1.5,
      residentMemoryBytes: 2_000_000,
      heapUsedBytes: null,
      eventLoopLagSeconds: null,
      outboxWaiting: 3,
      outboxOldestAgeSeconds: null,
    });
  });
});

describe('coresBetween', () => {
  it('is the rate, and counts a process that started anew from nothing', () => {
    const before = { atMs: 1_000, cpuSeconds: 10 };
    expect(coresBetween(undefined, before)).toBeNull();
    expect(coresBetween(before, { atMs: 3_000, cpuSeconds: 11 })).toBe(0.5);
    expect(coresBetween(before, { atMs: 3_000, cpuSeconds: 0.4 })).toBe(0.2);
    expect(coresBetween(before, before)).toBeNull();
  });
});
