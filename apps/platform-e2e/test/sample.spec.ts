import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@signalpress/contracts';
import { startOtlpSink, startSentrySink } from '@signalpress/testing';
import type { DecodedSpan, OtlpSink, SentrySink } from '@signalpress/testing';
import type { Finished, Report, ReportedItem } from './platform.js';
import {
  filesHolding,
  logLines,
  makeFolder,
  openPorts,
  parseReport,
  processesMentioning,
  Start,
  workspaceRoot,
} from './platform.js';

interface ExpectedItem {
  readonly source: string;
  readonly index: number;
  readonly externalId: string | null;
  readonly outcome: string;
  readonly rule?: string;
  /** The item that founds the idea through which this one is listed. */
  readonly idea?: string;
  /** The item that this one repeats. */
  readonly of?: string;
}

const expected = JSON.parse(
  readFileSync(path.join(workspaceRoot, 'tools/start/sample/expected-outcomes.json'), 'utf8'),
) as { planted: string[]; items: ExpectedItem[] };

const portOffset = 11_000;
const walk = ['signal-ingestion', 'scoring-engine', 'orchestrator', 'mockup-generation', 'marketplace-publisher'];

describe('the sample feed, from an empty database to idle', () => {
  let dataDirectory: string;
  let otlp: OtlpSink;
  let sentry: SentrySink;
  let first: Finished;
  let second: Finished;
  let report: Report;

  const start = (): Promise<Finished> =>
    new Start(['--data-dir', dataDirectory, '--port-offset', String(portOffset), '--until-idle', '--json'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      SENTRY_DSN: sentry.dsn,
      // Whatever the machine is doing, signals that say the same are to find their idea still open.
      GATHER_QUIET_MS: '5000',
    }).finished();

  beforeAll(async () => {
    dataDirectory = makeFolder();
    [otlp, sentry] = await Promise.all([startOtlpSink(), startSentrySink()]);
    first = await start();
    report = parseReport(first);
  });

  afterAll(async () => {
    await Promise.all([otlp.close(), sentry.close()]);
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const reported = (item: ExpectedItem): ReportedItem | undefined =>
    report.items.find((one) => one.feed === `sample ${item.source}` && one.index === item.index);
  const founder = (externalId: string): ReportedItem | undefined =>
    report.items.find((one) => one.externalId === externalId && one.outcome !== 'duplicate');

  it('exits 0 with totals that add up to the items read', () => {
    expect(first).toMatchObject({ exitCode: 0 });
    expect(report.items).toHaveLength(expected.items.length);
    for (const { feed, items, ...outcomes } of [...report.feeds, { feed: 'all', items: 0, ...report.totals }]) {
      const sum = Object.values(outcomes).reduce<number>((total, n) => total + Number(n), 0);
      expect({ feed, sum }).toEqual({ feed, sum: items });
    }
  });

  it.each(expected.items)('$source[$index] $externalId is $outcome', (item) => {
    const actual = reported(item);
    expect(actual).toMatchObject({ externalId: item.externalId, outcome: item.outcome });
    switch (item.outcome) {
      case 'listed':
        expect(actual?.ideaId).toBe(founder(item.idea ?? '')?.ideaId);
        expect(actual?.urls).toEqual([expect.stringContaining('/storefront/listings/')]);
        break;
      case 'rejected':
        expect(actual?.detail).toContain(item.rule);
        break;
      case 'held':
        expect(actual?.detail).toBe('reviewer');
        break;
      case 'duplicate':
        expect(actual?.detail).toBe(founder(item.of ?? '')?.signalId);
        break;
      default:
        throw new Error(`the table does not know ${item.outcome}`);
    }
  });

  it('lists at least twelve ideas and says how long each took', () => {
    expect(report.publishLatencyMs?.ideas).toBeGreaterThanOrEqual(12);
    expect(report.publishLatencyMs?.p50).toBeGreaterThan(0);
    expect(report.publishLatencyMs?.max).toBeGreaterThanOrEqual(report.publishLatencyMs?.p95 ?? Infinity);
    expect(report.publishLatencyMs?.max).toBeLessThan(report.wallMs + 1_000);
  });

  it('is one trace per founding signal, through five services, without a gap', () => {
    const traces = tracesOf(otlp.spans());
    const traceOf = (item: ReportedItem): DecodedSpan[] =>
      traces.find((spans) => spans.some((span) => span.attributes['signalpress.signal.id'] === item.signalId)) ?? [];
    const listed = report.items.filter((item) => item.outcome === 'listed');
    const ideas = [...new Set(listed.map((item) => item.ideaId))];
    // Which of several signals that say the same founds their idea is decided by who arrives first.
    const seen = ideas.map((ideaId) => {
      const ways = listed.filter((item) => item.ideaId === ideaId).map(traceOf);
      const founding = ways.filter((spans) => walk.every((service) => servicesOf(spans).includes(service)));
      return { ideaId, founding: founding.length, gaps: ways.flatMap(gapsOf) };
    });
    expect(seen).toEqual(ideas.map((ideaId) => ({ ideaId, founding: 1, gaps: [] })));
    expect(ideas.length).toBeGreaterThanOrEqual(12);
  });

  it('keeps planted personal data and secrets out of rows, logs, spans and error reports', () => {
    const spans = otlp
      .spans()
      .map((span) => JSON.stringify(span, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)));
    const reports = JSON.stringify(sentry.events());
    const leaked = expected.planted.filter(
      (text) =>
        spans.some((span) => span.includes(text)) ||
        reports.includes(text) ||
        first.stdout.includes(text) ||
        first.stderr.includes(text),
    );
    expect(leaked).toEqual([]);
    expect(filesHolding(dataDirectory, expected.planted)).toEqual([]);
  });

  it('logs no error and reports none while all is well', () => {
    const errors = serviceNames.flatMap((name) =>
      logLines(dataDirectory, name).filter((line) => ['error', 'fatal'].includes(String(line['level']))),
    );
    expect(errors).toEqual([]);
    expect(sentry.events()).toEqual([]);
  });

  it('leaves no process and no open port behind', async () => {
    expect(await openPorts(portOffset)).toEqual([]);
    expect(processesMentioning(dataDirectory)).toEqual([]);
  });

  it('is warm the second time and repeats no work', async () => {
    second = await start();
    expect(second).toMatchObject({ exitCode: 0 });
    const again = parseReport(second);
    const known = again.items.filter((item) => item.outcome === 'duplicate').length;
    const refused = report.items.filter((item) => item.outcome === 'rejected' && item.signalId === null).length;
    expect(again.totals).toMatchObject({ items: expected.items.length, listed: 0, held: 0, rejected: refused });
    expect(known).toBe(expected.items.length - refused);
    expect(second.stderr).toContain(`listings ${report.publishLatencyMs?.ideas ?? -1} `);
  });
});

function tracesOf(spans: readonly DecodedSpan[]): DecodedSpan[][] {
  const traces = new Map<string, DecodedSpan[]>();
  for (const span of spans) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  return [...traces.values()];
}

const servicesOf = (spans: readonly DecodedSpan[]): string[] => [
  ...new Set(spans.map((span) => span.resource.serviceName ?? '')),
];

/** Names of spans whose parent is nowhere in the trace. */
function gapsOf(spans: readonly DecodedSpan[]): string[] {
  const ids = new Set(spans.map((span) => span.spanId));
  return spans
    .filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))
    .map((span) => span.name);
}
