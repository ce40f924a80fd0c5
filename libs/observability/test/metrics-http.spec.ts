import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text as textOf, buffer as bufferOf } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { TraceFlags } from '@opentelemetry/api';
import { collectLogs } from '@signalpress/testing';
import type { LogCollection } from '@signalpress/testing';
import { Metrics, histogramDefinition } from '../src/index.js';
import { parseExposition } from './support/exposition-parser.js';
import { startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';

let sample: SampleApp;
let logs: LogCollection;

beforeEach(async () => {
  logs = collectLogs();
  sample = await startSampleApp({ serviceName: 'sample', logDestination: logs.stream });
});
afterEach(() => sample.close());

/** Plain `node:http`: `fetch` asks for gzip and unpacks by itself. */
const scrape = (headers: Record<string, string>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(`${sample.url}/metrics`, { headers }, resolve).on('error', reject);
  });

/** What Prometheus 2.42 sends. */
const prometheus = {
  accept:
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'accept-encoding': 'gzip',
};

it('answers Prometheus with OpenMetrics, packed, and curl with plain text, unpacked', async () => {
  const packed = await scrape(prometheus);
  expect(packed.headers).toMatchObject({
    'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    'content-encoding': 'gzip',
    'cache-control': 'no-store',
    vary: 'accept, accept-encoding',
  });
  const open = parseExposition(gunzipSync(await bufferOf(packed)).toString(), 'openmetrics');
  expect(open.get('telemetry_metric_overflow')?.type).toBe('counter');

  const plain = await scrape({ accept: '*/*' });
  expect(plain.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(plain.headers['content-encoding']).toBeUndefined();
  const families = parseExposition(await textOf(plain), 'prometheus');
  for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds', 'nodejs_gc_duration_seconds'])
    expect(families.get(name)?.samples.length).toBeGreaterThan(name.includes('gc') ? -1 : 0);
});

it('stays whole when it is large, and lets others go first while it is written', async () => {
  const definition = histogramDefinition({ name: 'large_seconds', help: 'L.', labels: ['k'], maxSeries: 3_000 });
  const histogram = sample.app.get(Metrics).histogram(definition);
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  for (let k = 0; k < 3_000; k++) histogram.observe(0.2, { k: `é${k}` }, { ...ids, traceFlags: TraceFlags.SAMPLED });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const text = await textOf(await scrape({ accept: prometheus.accept }));
  clearImmediate(counting);
  expect(turns).toBeGreaterThan(50);
  const samples = parseExposition(text, 'openmetrics').get('large_seconds')?.samples ?? [];
  expect(samples).toHaveLength(3_000 * 16);
  expect(samples.filter(({ exemplar }) => exemplar?.labels['trace_id'] === ids.traceId)).toHaveLength(3_000);
});

it('survives a scraper that goes away in the middle', async () => {
  const definition = histogramDefinition({ name: 'large_seconds', help: 'L.', labels: ['k'], maxSeries: 3_000 });
  const histogram = sample.app.get(Metrics).histogram(definition);
  for (let k = 0; k < 3_000; k++) histogram.observe(0.2, { k });
  for (const headers of [{ accept: '*/*' }, prometheus]) {
    const answer = await scrape(headers);
    answer.once('data', () => answer.destroy());
    await new Promise((resolve) => answer.once('close', resolve));
  }
  expect((await textOf(await scrape({}))).endsWith('\n')).toBe(true);
  expect(logs.lines().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
});
