import { describe, expect, it } from '@jest/globals';
import type { Ingestion, SignalOutcome } from '@signalpress/contracts';
import { buildReport } from './report.ts';

const signal = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
const idea = '00000000-0000-4000-8000-0000000000aa';

const ingestion: Ingestion = {
  ingestionId: signal(9),
  source: 'feed:test',
  receivedAt: '2026-05-04T09:30:00.000Z',
  totals: { items: 5, accepted: 3, duplicate: 1, rejected: 1 },
  items: [
    { index: 0, externalId: 'a', title: 'A', result: 'accepted', signalId: signal(1), rule: null },
    { index: 1, externalId: 'b', title: 'B', result: 'accepted', signalId: signal(2), rule: null },
    { index: 2, externalId: 'c', title: 'C', result: 'duplicate', signalId: signal(1), rule: null },
    { index: 3, externalId: 'd', title: null, result: 'rejected', signalId: null, rule: 'title-missing' },
    { index: 4, externalId: 'e', title: 'E', result: 'accepted', signalId: signal(3), rule: null },
  ],
};

const listed = (n: number): [string, SignalOutcome] => [
  signal(n),
  { signalId: signal(n), outcome: 'listed', ideaId: idea, detail: null, urls: ['http://x'], publishLatencyMs: 1_200 },
];

describe('report', () => {
  const report = buildReport([{ label: 'test.rss', ingestion, outcomes: new Map([listed(1), listed(2)]) }], 2_000.4);

  it('gives each item exactly one outcome and totals that add up', () => {
    expect(report.items.map((item) => item.outcome)).toEqual(['listed', 'listed', 'duplicate', 'rejected', 'failed']);
    const { items, ...totals } = report.totals;
    expect(Object.values(totals).reduce((sum, n) => sum + n, 0)).toBe(items);
    expect(report.feeds).toEqual([{ feed: 'test.rss', ...report.totals }]);
  });

  it('says what a duplicate repeats and which rule rejected', () => {
    expect(report.items[2]?.detail).toBe(signal(1));
    expect(report.items[3]?.detail).toBe('title-missing');
  });

  it('counts the latency of an idea once, however many items it has', () => {
    expect(report.publishLatencyMs).toEqual({ ideas: 1, p50: 1_200, p95: 1_200, max: 1_200 });
  });
});
