import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import type { INestApplicationContext, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cron, CronExpression, Interval, ScheduleModule, SchedulerRegistry, Timeout } from '@nestjs/schedule';
import { collectLogs, startOtlpSink, startSentrySink, waitFor } from '@signalpress/testing';
import type { DecodedSpan, LogCollection, OtlpSink, SentrySink } from '@signalpress/testing';
import {
  Logger,
  ObservabilityModule,
  configureTracing,
  currentTraceId,
  nestInstrument,
  withSpan,
} from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { setEnvironment } from './support/environment.js';

@Injectable()
class Accounts {
  settle(): Promise<string> {
    return new Promise((resolve) => setTimeout(() => resolve('settled'), 30));
  }
}

@Injectable()
class NightlyTasks {
  readonly traces: Array<string | undefined> = [];

  constructor(
    private readonly accounts: Accounts,
    private readonly logger: Logger,
  ) {}

  @Cron(CronExpression.EVERY_SECOND, { name: 'close-books' })
  async closeBooks(): Promise<void> {
    this.traces.push(currentTraceId());
    this.logger.log('closing the books');
    await this.accounts.settle();
  }

  /** Each run takes longer than the pause between two. */
  @Interval(20)
  async overlapping(): Promise<void> {
    await this.accounts.settle();
    await this.accounts.settle();
  }

  @Timeout(10)
  failLater(): Promise<void> {
    return this.accounts.settle().then(() => {
      throw new Error('the ledger is gone');
    });
  }

  @Timeout(10)
  failAtOnce(): void {
    throw new TypeError('no ledger at all');
  }
}

interface Application {
  readonly app: INestApplicationContext;
  readonly logs: LogCollection;
}

async function start(serviceName: string, sentryDsn?: string): Promise<Application> {
  const logs = collectLogs();
  @Module({
    imports: [
      ObservabilityModule.forRoot({
        serviceName,
        logDestination: logs.stream,
        ...(sentryDsn === undefined ? {} : { sentryDsn }),
      }),
      ScheduleModule.forRoot(),
    ],
    providers: [Accounts, NightlyTasks],
  })
  class ScheduleSpecModule {}
  // A plain object type: Nest declares the options as a class, whose instances nobody makes.
  const settings: Omit<NestApplicationOptions, never> = { instrument: nestInstrument(), bufferLogs: true };
  const app = await NestFactory.createApplicationContext(ScheduleSpecModule, settings);
  app.useLogger(app.get(Logger));
  return { app, logs };
}

const named = (spans: readonly DecodedSpan[], name: string): DecodedSpan[] =>
  spans.filter((span) => span.name === name);

describe.each([
  ['everything sampled', {}],
  ['nothing sampled', { OTEL_TRACES_SAMPLER: 'always_off' }],
  ['switched off', { OTEL_SDK_DISABLED: 'true' }],
] as const)('scheduled methods, %s', (mode, variables) => {
  let sink: OtlpSink;
  let sentry: SentrySink;
  let restore: () => void;
  let telemetry: Telemetry;
  let one: Application;
  const recording = mode === 'everything sampled';

  beforeEach(async () => {
    [sink, sentry] = await Promise.all([startOtlpSink(), startSentrySink()]);
    restore = setEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_TRACES_SAMPLER: undefined,
      OTEL_SDK_DISABLED: undefined,
      ...variables,
    });
    telemetry = configureTracing('nightly');
    one = await start('nightly', sentry.dsn);
  });

  afterEach(async () => {
    await one.app.close();
    await telemetry.shutdown(2_000);
    restore();
    await Promise.all([sink.close(), sentry.close()]);
  });

  it('gives each run a trace of its own, which its log lines and what it calls belong to', async () => {
    const tasks = one.app.get(NightlyTasks);
    await waitFor(() => tasks.traces.length >= 2, { timeoutMs: 10_000, message: 'two runs' });
    expect(new Set(tasks.traces).size).toBe(tasks.traces.length);
    const lines = one.logs.lines().filter(({ msg }) => msg === 'closing the books');
    expect(lines.map((line) => line['trace_id'])).toEqual(tasks.traces);
    if (!recording) {
      await telemetry.shutdown(2_000);
      expect(sink.spans()).toEqual([]);
      return;
    }
    const spans = await sink.waitForSpans((all) => named(all, 'NightlyTasks.closeBooks').length >= 2);
    const runs = named(spans, 'NightlyTasks.closeBooks');
    expect(runs.every((run) => run.parentSpanId === undefined && run.kind === 'internal')).toBe(true);
    expect(tasks.traces).toEqual(expect.arrayContaining(runs.map(({ traceId }) => traceId)));
    for (const run of runs) {
      const below = spans.filter(({ parentSpanId }) => parentSpanId === run.spanId);
      expect(below.map(({ name }) => name)).toEqual(['Accounts.settle']);
      expect(spans.filter(({ traceId }) => traceId === run.traceId)).toHaveLength(2);
    }
  });

  it('reports what the scheduler swallows, once, with one trace id in log, span and Sentry', async () => {
    await waitFor(() => sentry.events().length >= 2, { timeoutMs: 10_000, message: 'two events' });
    for (const [name, message] of [
      ['NightlyTasks.failLater', 'the ledger is gone'],
      ['NightlyTasks.failAtOnce', 'no ledger at all'],
    ] as const) {
      const events = sentry.events().filter(({ exceptions }) => exceptions.at(-1)?.value === message);
      expect(events).toHaveLength(1);
      expect(events[0]?.tags).toMatchObject({ kind: 'cron', source: name });
      const lines = one.logs.lines().filter((line) => JSON.stringify(line).includes(message));
      expect(lines.map((line) => [line['level'], line['trace_id']])).toEqual([['error', events[0]?.traceId]]);
      if (!recording) continue;
      const [span, ...more] = named(await sink.waitForSpans((all) => named(all, name).length > 0), name);
      expect(more).toEqual([]);
      expect(span).toMatchObject({ traceId: events[0]?.traceId, status: { code: 'error' } });
      expect(span?.events.map(({ attributes }) => attributes['exception.message'])).toEqual([message]);
    }
    expect(sentry.transactions()).toEqual([]);
  });

  it('is a call like any other for whoever has a trace already', async () => {
    const tasks = one.app.get(NightlyTasks);
    const before = new Set(tasks.traces);
    let outer: string | undefined;
    await withSpan('run it now', {}, async () => {
      outer = currentTraceId();
      await tasks.closeBooks();
    });
    expect(tasks.traces.filter((id) => !before.has(id ?? ''))).toContain(outer);
    if (!recording) return;
    const spans = await sink.waitForSpans((all) => named(all, 'run it now').length === 1);
    const trace = spans.filter(({ traceId }) => traceId === outer);
    expect(trace.map(({ name }) => name).sort()).toEqual(['Accounts.settle', 'NightlyTasks.closeBooks', 'run it now']);
  });

  it('keeps runs apart that overlap, and applications that share the process', async () => {
    const other = await start('other');
    try {
      await waitFor(() => other.logs.text().includes('the ledger is gone'), { timeoutMs: 10_000 });
      await waitFor(() => sentry.events().length >= 2, { timeoutMs: 10_000 });
      const failures = (logs: LogCollection) => logs.lines().filter(({ level }) => level === 'error');
      expect(failures(other.logs)).toHaveLength(2);
      expect(failures(one.logs)).toHaveLength(2);
    } finally {
      await other.app.close();
    }
    if (!recording) return;
    const spans = await sink.waitForSpans((all) => named(all, 'NightlyTasks.overlapping').length > 3);
    const runs = named(spans, 'NightlyTasks.overlapping');
    expect(new Set(runs.map(({ traceId }) => traceId)).size).toBe(runs.length);
    const finished = runs.map(({ spanId }) => spans.filter(({ parentSpanId }) => parentSpanId === spanId).length);
    expect(new Set(finished)).toEqual(new Set([2]));
  });
});

describe('jobs that are made while the application runs', () => {
  it('belong to no trace until they open one', async () => {
    const { app } = await start('dynamic');
    try {
      const seen: Array<string | undefined> = [];
      const registry = app.get(SchedulerRegistry);
      const tick = (): void => withSpan('Tick', {}, () => void seen.push(currentTraceId()), { root: true });
      registry.addInterval('tick', setInterval(tick, 10));
      await waitFor(() => seen.length >= 2);
      registry.deleteInterval('tick');
      expect(registry.getIntervals()).not.toContain('tick');
    } finally {
      await app.close();
    }
  });
});
