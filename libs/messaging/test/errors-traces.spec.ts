import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configureTracing, currentTraceId, withSpan } from '@signalpress/observability';
import type { Telemetry } from '@signalpress/observability';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { startOtlpSink, startSentrySink } from '@signalpress/testing';
import type { OtlpSink, SentryEvent, SentrySink } from '@signalpress/testing';
import { z } from 'zod';
import { PoisonError, UnavailableError, Worker } from '../src/index.js';
import type { Effect, JobHandler } from '../src/index.js';
import { Observer, Script, publish, startService, waitForEffects } from './test-service.js';
import type { TestService } from './test-service.js';

@Worker({ name: 'break', concurrency: 1, payload: z.object({}) })
class BreakingWorker implements JobHandler<object> {
  run(): Promise<Effect> {
    throw new PoisonError('the job for ada@example.org is broken');
  }
}

describe.each([true, false])('Errors of messages and jobs, OTLP %s', (otlp) => {
  let database: TestDatabase;
  let sentry: SentrySink;
  let sink: OtlpSink;
  let telemetry: Telemetry;
  let service: TestService;
  const script = new Script();
  const environment: NodeJS.ProcessEnv = Reflect.get(process, 'env');

  beforeEach(async () => {
    [sentry, sink, database] = await Promise.all([startSentrySink(), startOtlpSink(), createTestDatabase()]);
    if (otlp) environment['OTEL_EXPORTER_OTLP_ENDPOINT'] = sink.httpUrl;
    environment['OTEL_BSP_SCHEDULE_DELAY'] = '50';
    telemetry = configureTracing('reader');
    service = await startService({
      databaseUrl: database.url,
      sentryDsn: sentry.dsn,
      script,
      providers: [Observer, BreakingWorker],
    });
  });
  afterEach(async () => {
    await service.stop();
    await telemetry.shutdown(2_000);
    Reflect.deleteProperty(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT');
    Reflect.deleteProperty(environment, 'OTEL_BSP_SCHEDULE_DELAY');
    await Promise.all([sentry.close(), sink.close()]);
    await database.close();
  });

  /** The event, the error line and the span that failed are of one trace: the one of whoever asked for the work. */
  const expectOneTrace = async (event: SentryEvent, traceId: string | undefined, span: string): Promise<void> => {
    expect(event.traceId).toBe(traceId);
    expect(event.exceptions.at(-1)?.value).toContain('[redacted]');
    const line = service.logs.lines().find(({ level }) => level === 'error');
    expect(line).toMatchObject({ trace_id: traceId, span_id: event.spanId });
    if (otlp) {
      const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === span));
      expect(spans.filter(({ name }) => name === span).map((one) => [one.traceId, one.spanId])).toEqual([
        [traceId, event.spanId],
      ]);
      expect(spans.filter(({ kind }) => kind === 'client').filter(({ name }) => name === 'POST')).toEqual([]);
    }
    expect(sentry.events()).toHaveLength(1);
    expect(sentry.transactions()).toEqual([]);
  };

  it('a poisonous message: event, line and span have the trace of its sender', async () => {
    script.before = () => Promise.reject(new PoisonError('the event of ada@example.org is broken'));
    const traceId = await withSpan('request', {}, async () => {
      await publish(service, [{ ideaId: randomUUID(), views: 1 }]);
      return currentTraceId();
    });
    const event = await sentry.waitForEvent();
    expect(event.tags).toMatchObject({ kind: 'message', source: 'listings.observed' });
    await expectOneTrace(event, traceId, 'process listings.observed');
  });

  it('a job that is given up: event, line and span have the trace of who enqueued it', async () => {
    const traceId = await withSpan('request', {}, async () => {
      await service.db.transaction((tx) => service.jobs.enqueue(tx, { name: 'break', payload: {} }));
      return currentTraceId();
    });
    const event = await sentry.waitForEvent();
    expect(event.tags).toMatchObject({ kind: 'job', source: 'break' });
    await expectOneTrace(event, traceId, 'job break');
  });

  it('a dependency that is away is not sent: the work waits', async () => {
    let tries = 0;
    script.before = () => {
      tries += 1;
      return tries < 4 ? Promise.reject(new UnavailableError('away')) : Promise.resolve();
    };
    await publish(service, [{ ideaId: randomUUID(), views: 1 }]);
    await waitForEffects(service.db, 1);
    expect(tries).toBe(4);
    expect(sentry.events()).toEqual([]);
    expect(service.logs.lines().filter(({ level }) => level === 'error')).toEqual([]);
  });
});
