import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { AlertCase } from '../monitoring-config/alert-cases.ts';
import { promtoolTests } from '../monitoring-config/promtool-tests.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'docker/prometheus/rules-tracing');
const rules = 'collector.yml';

interface Alert {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const alerts = (
  parse(readFileSync(path.join(folder, rules), 'utf8')) as { groups: { rules: Alert[] }[] }
).groups.flatMap((group) => group.rules);

const collector = 'job="otel-collector",instance="a"';

type Trial = Pick<AlertCase, 'alert' | 'summary' | 'series' | 'firesWithin' | 'clearsWithin'>;
const trial = (one: Trial, of: Readonly<Record<string, string>>): AlertCase => ({
  ...one,
  labels: { severity: 'warning', service: 'otel-collector', ...of },
  outage: 15,
  history: 30,
  step: 1,
  rules,
});
const growing = (alert: string, name: string, summary: string): AlertCase => {
  const series = { name: `${name}{${collector}}`, kind: 'counter', well: 0, broken: 100, idle: 0 } as const;
  return trial({ alert, summary, series: [series], firesWithin: 9, clearsWithin: 6 }, { instance: 'a' });
};
const gauge = (name: string, labels: string, well: number, broken: number) =>
  ({ name: `${name}{${labels}}`, kind: 'gauge', well, broken, idle: well }) as const;
const queue = `${collector},exporter="otlp_grpc"`;

const cases: readonly AlertCase[] = [
  trial(
    {
      alert: 'CollectorDown',
      summary: 'The collector at a has not answered a scrape for five minutes: no traces',
      series: [gauge('up', collector, 1, 0)],
      firesWithin: 6,
      clearsWithin: 1,
    },
    { job: 'otel-collector', instance: 'a' },
  ),
  growing(
    'CollectorRefusesSpans',
    'otelcol_receiver_refused_spans',
    'The collector refuses about 500 spans in five minutes: it is short of memory',
  ),
  trial(
    {
      alert: 'CollectorQueueFilling',
      summary: '80% of the queue to otlp_grpc is full: the trace viewer does not take spans',
      series: [
        gauge('otelcol_exporter_queue_size', queue, 100, 40_000),
        gauge('otelcol_exporter_queue_capacity', queue, 50_000, 50_000),
      ],
      firesWithin: 3,
      clearsWithin: 1,
    },
    { instance: 'a', exporter: 'otlp_grpc' },
  ),
  ...['otelcol_exporter_enqueue_failed_spans', 'otelcol_exporter_send_failed_spans'].map((name) =>
    growing('CollectorLosesSpans', name, 'The collector loses about 500 spans of kept traces in five minutes'),
  ),
  growing(
    'CollectorEvictsTraces',
    'otelcol_processor_tail_sampling_sampling_trace_dropped_too_early',
    'About 500 traces in five minutes were evicted before they were decided about: failed ones may be among them',
  ),
];

/** REQUIRE_PROMETHEUS=1 (set in CI) makes a missing tool a failure. */
const isInstalled = spawnSync('promtool', ['--version']).error === undefined;
const withPromtool = isInstalled || process.env['REQUIRE_PROMETHEUS'] === '1' ? it : it.skip;

describe('the alerts of the collector', () => {
  it('are all tried out', () => {
    expect([...new Set(cases.map(({ alert }) => alert))].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it.each(alerts)('$alert: a ticket with a summary and a runbook', ({ alert, labels, annotations }) => {
    expect(labels).toEqual({ severity: 'warning', service: 'otel-collector' });
    expect(annotations['summary']).toContain('{{');
    expect(annotations['runbook_url']).toBe(`{{ $externalLabels.runbook_base }}/${alert}.md`);
    const runbook = path.join(root, 'docs/runbooks', `${alert}.md`);
    expect({ runbook, exists: existsSync(runbook) }).toEqual({ runbook, exists: true });
    const text = readFileSync(runbook, 'utf8');
    for (const heading of ['## Cause', '## Check', '## Fix']) expect(text).toContain(heading);
  });

  withPromtool('fire in time, clear, and are silent on a blip and while nothing happens', () => {
    const scratch = mkdtempSync(path.join(tmpdir(), 'signalpress-collector-rules-'));
    try {
      // Two cases of one alert: tests of their own, so that neither sees the other's series.
      for (const [index, one] of cases.entries()) {
        const file = path.join(scratch, `${index}.test.yml`);
        writeFileSync(file, JSON.stringify(promtoolTests([one], folder)[0]));
        expect(execFileSync('promtool', ['test', 'rules', file], { encoding: 'utf8' })).toContain('SUCCESS');
      }
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });

  withPromtool('are among what Prometheus reads when the collector is there', () => {
    const prometheus = path.join(root, 'docker/prometheus');
    const scratch = mkdtempSync(path.join(tmpdir(), 'signalpress-collector-config-'));
    try {
      // promtool looks for what the file names: the rules, and the token, which is where Prometheus runs.
      const token = path.join(scratch, 'token');
      writeFileSync(token, 'for-promtool-to-find');
      const config = readFileSync(path.join(prometheus, 'prometheus.tracing.yml'), 'utf8')
        .replace('/run/secrets/metrics_token', token)
        .replaceAll(/^ {2}- (rules.*)$/gm, `  - ${prometheus}/$1`);
      const file = path.join(scratch, 'prometheus.yml');
      writeFileSync(file, config);
      const printed = execFileSync('promtool', ['check', 'config', file], { encoding: 'utf8' });
      expect(printed).toContain(`${rules}\n  SUCCESS: ${alerts.length} rules found`);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
