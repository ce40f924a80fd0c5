import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectLogs, waitFor } from '@signalpress/testing';
import type { LogCollection } from '@signalpress/testing';
import { configureTracing, currentTraceContext, holdSpan, withSpan } from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { setEnvironment } from './support/environment.js';
import { startSampleApp } from './support/sample-app.js';
import type { SampleApp } from './support/sample-app.js';

describe('a process that exports nothing', () => {
  let restore: () => void;
  let telemetry: Telemetry;
  let logs: LogCollection;
  let sample: SampleApp;

  beforeEach(async () => {
    restore = setEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: '' });
    telemetry = configureTracing('sample');
    logs = collectLogs();
    sample = await startSampleApp({ serviceName: 'sample', logDestination: logs.stream });
    Reflect.set(globalThis, 'sampleUpstream', sample.url);
  });

  afterEach(async () => {
    await sample.close();
    await telemetry.shutdown(1_000);
    restore();
  });

  it('says so', () => {
    expect(telemetry.exporting).toBe(false);
  });

  it('hands an incoming context on, through fetch, into the logs', async () => {
    const response = await fetch(`${sample.url}/ideas/proxy/to`, {
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    expect(await response.json()).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    await waitFor(() => logs.lines().filter(({ msg }) => msg === 'request').length === 2, {
      timeoutMs: 2_000,
      message: 'two request lines',
    });
    expect(
      new Set(
        logs
          .lines()
          .filter(({ msg }) => msg === 'request')
          .map((line) => line['trace_id']),
      ),
    ).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
  });

  it('makes an unsampled context where there is none, and gives it no exemplar', async () => {
    const response = await fetch(`${sample.url}/ideas/abc`);
    const { traceId } = (await response.json()) as { traceId: string };
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    const metrics = await fetch(`${sample.url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    expect(await metrics.text()).not.toContain('trace_id=');
    expect(currentTraceContext()).toBeUndefined();
    expect(withSpan('outer', {}, () => currentTraceContext()?.traceparent)).toMatch(/-00$/);
  });

  it('keeps one trace in nested spans, and begins another for a root', () => {
    withSpan('outer', {}, () => {
      const outer = currentTraceContext();
      withSpan('inner', {}, () => expect(currentTraceContext()).toEqual(outer));
      withSpan('root', {}, () => expect(currentTraceContext()).not.toEqual(outer), { root: true });
    });
  });

  it('hands an incoming context on in a span that is held, and asks for nothing that would describe it', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const attributes = (): never => {
      throw new Error('nobody wants to know');
    };
    const held = holdSpan('held', attributes, { parent: { traceparent } });
    expect(held.run(() => currentTraceContext())).toEqual({ traceparent });
    held.end();
  });
});
