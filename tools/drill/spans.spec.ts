import { describe, expect, it } from '@jest/globals';
import type { Instance } from './fleet.ts';
import { orphansOf } from './spans.ts';
import type { Evidence, SpanRecord } from './spans.ts';

const instance = (id: string, service: Instance['service'], life: Partial<Instance>): Instance => ({
  id,
  service,
  slot: 0,
  startedAt: 0,
  ...life,
});

const evidence: Evidence = {
  instances: [
    instance('orchestrator-1', 'orchestrator', { startedAt: 0, endedAt: 10_000, ending: 'killed' }),
    instance('orchestrator-2', 'orchestrator', { startedAt: 10_100, endedAt: 90_000, ending: 'stopped' }),
    instance('monitoring-1', 'monitoring', { startedAt: 0, endedAt: 90_000, ending: 'stopped' }),
    instance('api-gateway-1', 'api-gateway', { startedAt: 0, endedAt: 20_000, ending: 'killed' }),
    instance('api-gateway-2', 'api-gateway', { startedAt: 20_100, endedAt: 90_000, ending: 'stopped' }),
  ],
  emitted: new Map(
    [
      { id: 'early', at: 5_000 },
      { id: 'late', at: 50_000 },
    ].map(({ id, at }) => [id, { id, at, service: 'orchestrator', type: 'ideas.decided', meaning: null }]),
  ),
  own: new Set(['of-the-drill']),
  jobs: new Map([
    ['early-span', 5_000],
    ['late-span', 50_000],
  ]),
};

const span = (record: Partial<SpanRecord>): SpanRecord => ({
  spanId: 'child',
  parentSpanId: 'missing',
  name: 'child',
  kind: 'internal',
  service: 'monitoring',
  instance: 'monitoring-1',
  startedAt: 60_000,
  messageId: undefined,
  jobId: undefined,
  ...record,
});

const jobSpan = { kind: 'consumer', service: 'orchestrator', instance: 'orchestrator-2', jobId: 'job' } as const;

describe('spans that are missing', () => {
  it('is none where every parent arrived, and for roots', () => {
    const spans = [
      span({ spanId: 'root', parentSpanId: undefined }),
      span({ parentSpanId: 'root' }),
      span({ parentSpanId: 'of-the-drill' }),
    ];
    expect(orphansOf(spans, evidence)).toEqual([]);
  });

  it.each([
    ['inside a process that was killed', { service: 'orchestrator', instance: 'orchestrator-1' }, 'orchestrator-1'],
    ['an event of a process that was killed', { kind: 'consumer', messageId: 'early' }, 'orchestrator-1'],
    ['a job that a killed process had enqueued', { ...jobSpan, parentSpanId: 'early-span' }, 'orchestrator-1'],
    ['a request while a killed caller was alive', { kind: 'server', startedAt: 15_000 }, 'api-gateway-1'],
  ] as const)('is excused %s', (_, record, owner) => {
    expect(orphansOf([span(record)], evidence)).toEqual([
      expect.objectContaining({ excused: true, instances: [owner] }),
    ]);
  });

  it.each([
    ['inside a process that was not killed', {}],
    ['an event of a process that stopped in order', { kind: 'consumer', messageId: 'late' }],
    ['an event that no outbox had', { kind: 'consumer', messageId: 'unheard' }],
    ['a job that a living process had enqueued', { ...jobSpan, parentSpanId: 'late-span' }],
    ['a job whose trace none ever had', { ...jobSpan, parentSpanId: 'unheard' }],
    ['a request while no killed caller was alive', { kind: 'server', startedAt: 60_000 }],
  ] as const)('is a violation %s', (_, record) => {
    expect(orphansOf([span(record)], evidence)).toEqual([expect.objectContaining({ excused: false, instances: [] })]);
  });
});
