import { describe, expect, it } from '@jest/globals';
import { checkListingSync } from './listing-sync.check.js';
import { checkPublishLatency } from './publish-latency.check.js';
import { checkQueueBacklog } from './queue-backlog.check.js';
import type { QueueFigures } from './queue-backlog.check.js';
import { checkStuckIdeas } from './stuck-ideas.check.js';
import { spoken, summaryOf } from './verdict.js';

describe('publish latency', () => {
  const agreed = { thresholdSeconds: 7_200, windowSeconds: 86_400, minimumSamples: 5 };
  const verdict = (ideas: number, meanSeconds: number | null, withinShare: number | null = 0.5) =>
    checkPublishLatency({ ideas, meanSeconds, withinShare }, agreed).verdicts[0]!;

  it('is broken above the agreement, not at it', () => {
    expect(verdict(5, 7_200).broken).toBe(false);
    expect(verdict(17, 12_240, 4 / 17)).toMatchObject({
      broken: true,
      severity: 'critical',
      summary: 'Mean publish latency is 3.4 h over the last 24 h; 2 h are agreed on (17 ideas, 4 of them in time).',
      figures: { ideas: 17, ideas_in_time: 4, mean_seconds: 12_240, threshold_seconds: 7_200 },
    });
  });

  it('says nothing with too few ideas', () => {
    expect(verdict(4, 1_000_000)).toMatchObject({
      broken: false,
      summary: 'Only 4 ideas were listed in the last 24 h; the mean counts from 5.',
    });
    expect(verdict(0, null, null).broken).toBe(false);
  });
});

describe('stuck ideas', () => {
  it('is broken by a single one, and names the oldest', () => {
    expect(checkStuckIdeas(0, [], 7_200).verdicts[0]!.broken).toBe(false);
    const stuck = [
      { ideaId: 'a', ageSeconds: 18_720 },
      { ideaId: 'b', ageSeconds: 8_000 },
    ];
    expect(checkStuckIdeas(2, stuck, 7_200).verdicts[0]).toMatchObject({
      broken: true,
      summary: '2 ideas have waited longer than 2 h for a listing; the oldest for 5.2 h.',
      figures: { idea_ids: ['a', 'b'], oldest_seconds: 18_720 },
    });
  });
});

describe('queue backlog', () => {
  const limit = { events: 1_000, seconds: 300 };
  const queue = (over: Partial<QueueFigures>): QueueFigures => ({
    topic: 'ideas.scored',
    group: 'orchestrator',
    length: 0,
    aboveSeconds: 0,
    oldestAgeSeconds: null,
    ...over,
  });

  it.each([
    ['long, but not for long', 5_000, 299, false],
    ['at the limit for long', 1_000, 900, false],
    ['above it for as long as is allowed', 1_001, 300, true],
  ])('%s', (_name, length, aboveSeconds, broken) => {
    expect(checkQueueBacklog([queue({ length, aboveSeconds })], limit).verdicts[0]!.broken).toBe(broken);
  });

  it('is one verdict for a group, which names its longest queues', () => {
    const long = ['a', 'b', 'c', 'd'].map((topic, index) =>
      queue({ topic, length: 2_000 + index, aboveSeconds: 600 + index }),
    );
    const { verdicts } = checkQueueBacklog([...long, queue({ group: 'monitoring' })], limit);
    expect(verdicts.map(({ subject, broken }) => [subject, broken])).toEqual([
      ['orchestrator', true],
      ['monitoring', false],
    ]);
    expect(verdicts[0]!.summary).toBe(
      'orchestrator has been behind for 10 min: 2003 of d, 2002 of c, 2001 of b and 1 further topic wait; 1000 are allowed for 5 min.',
    );
  });
});

describe('listing sync', () => {
  const figures = { listings: 2, kinds: { price: 2, title: 0 }, listingIds: ['storefront/1'], oldestSeconds: 400 };

  it('is a warning for prices and titles, an error for what is gone', () => {
    expect(checkListingSync(figures, 0).verdicts[0]).toMatchObject({
      broken: true,
      severity: 'warning',
      summary: '2 listings differ from what the marketplace shows (2 price), for up to 6.7 min; 0 may.',
    });
    expect(checkListingSync({ ...figures, kinds: { removed: 1 } }, 0).verdicts[0]!.severity).toBe('error');
    expect(checkListingSync(figures, 2).verdicts[0]!.broken).toBe(false);
    expect(
      checkListingSync({ listings: 0, kinds: {}, listingIds: [], oldestSeconds: null }, 0).verdicts[0]!.broken,
    ).toBe(false);
  });
});

describe('summaries', () => {
  it('keep within 1024 characters and cut no character in half', () => {
    expect(summaryOf('x'.repeat(1_024))).toHaveLength(1_024);
    const cut = summaryOf('x'.repeat(1_022) + '\u{1f600}'.repeat(5));
    expect(cut).toBe(`${'x'.repeat(1_022)}…`);
  });

  it.each([
    [3.6, '3.6 s'],
    [45, '45 s'],
    [150, '2.5 min'],
    [720, '12 min'],
    [12_240, '3.4 h'],
    [86_400, '24 h'],
    [700_000, '8.1 d'],
  ])('%d seconds are %s', (seconds, said) => {
    expect(spoken(seconds)).toBe(said);
  });
});
