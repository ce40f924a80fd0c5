import { describe, expect, it } from '@jest/globals';
import { dedupKeyOf, nextStep, quietUntil } from './incident.rules.js';
import type { Standing } from './incident.rules.js';

const rules = { cooldownMs: 60_000, goodChecks: 2 };
const at = (second: number): Date => new Date(second * 1_000);
const open: Standing = { state: 'open', announced: true, quiet_until: null, resolved_at: null, good_checks: 0 };
const resolved: Standing = { ...open, state: 'resolved', resolved_at: at(100), quiet_until: at(160), good_checks: 2 };

describe('nextStep', () => {
  it.each<[string, Standing | undefined, boolean, number, object]>([
    ['nothing is there, nothing is broken', undefined, false, 0, { kind: 'none' }],
    ['the first time', undefined, true, 0, { kind: 'open' }],
    ['still broken', open, true, 10, { kind: 'go-on' }],
    ['acknowledged and still broken', { ...open, state: 'acknowledged' }, true, 10, { kind: 'go-on' }],
    ['good once', open, false, 10, { kind: 'watch' }],
    ['good twice', { ...open, good_checks: 1 }, false, 10, { kind: 'resolve' }],
    ['acknowledged and good twice', { ...open, state: 'acknowledged', good_checks: 1 }, false, 10, { kind: 'resolve' }],
    ['over, and good', resolved, false, 110, { kind: 'none' }],
    ['broken again within the cooldown', resolved, true, 159, { kind: 'reopen', announce: false }],
    ['broken again after it', resolved, true, 160, { kind: 'open' }],
    [
      'flapping for longer than a cooldown since the last page',
      { ...resolved, quiet_until: at(120) },
      true,
      130,
      { kind: 'reopen', announce: true },
    ],
    ['silent within the cooldown', { ...open, announced: false, quiet_until: at(160) }, true, 159, { kind: 'go-on' }],
    [
      'silent until the cooldown is over',
      { ...open, announced: false, quiet_until: at(160) },
      true,
      160,
      { kind: 'announce' },
    ],
  ])('%s', (_name, latest, broken, second, step) => {
    expect(nextStep(latest, broken, at(second), rules)).toEqual(step);
  });

  it('without a cooldown each time is another incident', () => {
    expect(nextStep(resolved, true, at(100), { ...rules, cooldownMs: 0 })).toEqual({ kind: 'open' });
  });
});

describe('quietUntil', () => {
  it('counts from the page that is over, not from openings that nobody heard of', () => {
    expect(quietUntil({ announced: true, quiet_until: null }, at(100), rules)).toEqual(at(160));
    expect(quietUntil({ announced: false, quiet_until: at(160) }, at(150), rules)).toEqual(at(160));
  });
});

describe('dedupKeyOf', () => {
  it('is stable, and keeps within 255 characters without two becoming one', () => {
    expect(dedupKeyOf('stuck-ideas')).toBe('signalpress/stuck-ideas');
    expect(dedupKeyOf('queue-backlog', 'orchestrator')).toBe('signalpress/queue-backlog/orchestrator');
    const [a, b] = ['a', 'b'].map((end) => dedupKeyOf('queue-backlog', 'x'.repeat(300) + end));
    expect(a).toHaveLength(255);
    expect(a).not.toBe(b);
  });
});
