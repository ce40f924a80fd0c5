import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { currentTraceContext, withSpan } from '@signalpress/observability';
import type { TraceContext } from '@signalpress/observability';
import { sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import type { TestDatabase } from '@signalpress/persistence/testing';
import { collectSpans, waitFor } from '@signalpress/testing';
import type { DecodedSpan, SpanCollection } from '@signalpress/testing';
import { z } from 'zod';
import { DeadLettersService } from '../src/dead-letters/dead-letters.service.js';
import { PoisonError, Worker } from '../src/index.js';
import type { Effect, JobHandler } from '../src/index.js';
import { Observer, Script, observation, publish, startService, waitForEffects } from './test-service.js';
import type { TestService, TestServiceOptions } from './test-service.js';

@Worker({ name: 'note', concurrency: 1, payload: z.object({}) })
class NoteWorker implements JobHandler<object> {
  run(): Promise<Effect> {
    return Promise.resolve(() => Promise.resolve());
  }
}

describe('Traces', () => {
  let database: TestDatabase;
  let collection: SpanCollection;
  let running: TestService[];

  const start = async (options: Partial<TestServiceOptions> = {}): Promise<TestService> => {
    const service = await startService({ databaseUrl: database.url, ...options });
    running.push(service);
    return service;
  };
  const spanNamed = (name: string): Promise<DecodedSpan> =>
    waitFor(() => collection.spans().find((span) => span.name === name), { message: `span ${name}` });
  const enqueueTraced = (service: TestService, links: TraceContext[] = []): Promise<void> =>
    withSpan('request', {}, () =>
      service.db.transaction((tx) => service.jobs.enqueue(tx, { name: 'note', payload: {}, delayMs: 200, links })),
    );

  beforeEach(async () => {
    collection = collectSpans();
    database = await createTestDatabase();
    running = [];
  });
  afterEach(async () => {
    await Promise.allSettled(running.map((service) => service.stop()));
    await database.close();
    await collection.shutdown();
  });

  it('one trace goes through outbox, log and handler', async () => {
    const writer = await start({ service: 'writer' });
    const reader = await start({ providers: [Observer] });
    await withSpan('request', {}, () => publish(writer, [{ ideaId: randomUUID(), views: 1 }]));
    await waitForEffects(reader.db, 1);
    const consume = await spanNamed('process listings.observed');
    const produce = await spanNamed('publish listings.observed');
    const request = await spanNamed('request');
    expect([request, produce, consume].map((span) => span.traceId)).toEqual(Array(3).fill(request.traceId));
    expect([produce.parentSpanId, consume.parentSpanId]).toEqual([request.spanId, produce.spanId]);
    expect([produce.kind, consume.kind]).toEqual(['producer', 'consumer']);
    expect(consume.attributes).toMatchObject({
      'messaging.destination.name': 'listings.observed',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'reader',
      'messaging.message.id': produce.attributes['messaging.message.id'],
    });
  });

  it('an event continues the trace it is given instead of the active one', async () => {
    const writer = await start({ service: 'writer' });
    const founding = withSpan('founding', {}, () => currentTraceContext());
    await withSpan('request', {}, () =>
      writer.db.transaction((tx) =>
        writer.outbox.publish(tx, 'listings.observed', observation({ ideaId: randomUUID(), views: 1 }), {
          trace: founding!,
        }),
      ),
    );
    expect((await spanNamed('publish listings.observed')).parentSpanId).toBe((await spanNamed('founding')).spanId);
  });

  it('a wait of more than a minute ends the trace: the handler is a root that links to it', async () => {
    const writer = await start({ service: 'writer' });
    await withSpan('request', {}, () => publish(writer, [{ ideaId: randomUUID(), views: 1 }]));
    await waitFor(async () => {
      const { numAffectedRows } = await sql`
        update events.log set recorded_at = recorded_at - interval '61 seconds'`.execute(writer.db.kysely);
      return numAffectedRows === 1n;
    });
    const reader = await start({ providers: [Observer] });
    await waitForEffects(reader.db, 1);
    const consume = await spanNamed('process listings.observed');
    const produce = await spanNamed('publish listings.observed');
    expect(consume.traceId).not.toBe(produce.traceId);
    expect(consume.parentSpanId).toBeUndefined();
    expect(consume.links).toMatchObject([{ traceId: produce.traceId, spanId: produce.spanId }]);
  });

  it("a job continues the enqueuer's trace and links to the others", async () => {
    const service = await start({ providers: [NoteWorker] });
    const other = withSpan('other', {}, () => currentTraceContext());
    await enqueueTraced(service, [other!]);
    const job = await spanNamed('job note');
    expect(job.parentSpanId).toBe((await spanNamed('request')).spanId);
    expect(job.links).toMatchObject([{ spanId: (await spanNamed('other')).spanId }]);
    expect(job.attributes).toMatchObject({ 'signalpress.job.name': 'note', 'signalpress.job.outcome': 'done' });
  });

  it('a job that waited for more than a minute is a root that links to its enqueuer', async () => {
    const service = await start({ providers: [NoteWorker] });
    await enqueueTraced(service);
    await sql`update jobs set enqueued_at = enqueued_at - interval '61 seconds' where name = 'note'`.execute(
      service.db.kysely,
    );
    const job = await spanNamed('job note');
    const request = await spanNamed('request');
    expect(job.parentSpanId).toBeUndefined();
    expect(job.links).toMatchObject([{ traceId: request.traceId, spanId: request.spanId }]);
  });

  it('a replay is a new trace that links to the failed one', async () => {
    const script = new Script();
    script.after = () => Promise.reject(new PoisonError('no'));
    const service = await start({ providers: [Observer], script });
    await withSpan('request', {}, () => publish(service, [{ ideaId: randomUUID(), views: 1 }]));
    const deadLetters = service.get(DeadLettersService);
    const [letter] = await waitFor(async () => {
      const { items } = await deadLetters.page(1);
      return items.length > 0 && items;
    });
    const failed = await spanNamed('process listings.observed');
    expect(failed.status.code).toBe('error');
    expect(letter?.traceId).toBe(failed.traceId);
    script.after = () => Promise.resolve();
    await deadLetters.replay(letter!.id);
    const replay = await spanNamed('replay listings.observed');
    expect(replay.parentSpanId).toBeUndefined();
    expect(replay.links.map((link) => link.traceId)).toEqual([failed.traceId]);
  });

  it('background work belongs to no trace, even if the service is started inside of one', async () => {
    const writer = await withSpan('start', {}, () => start({ service: 'writer', providers: [NoteWorker] }));
    await publish(writer, [{ ideaId: randomUUID(), views: 1 }]);
    await waitFor(async () => {
      const { rows } = await sql`select from events.log`.execute(writer.db.kysely);
      return rows.length === 1;
    });
    const started = await spanNamed('start');
    expect(
      collection
        .spans()
        .filter(
          (span) =>
            span.parentSpanId === started.spanId &&
            span.startTimeNs > started.startTimeNs + BigInt(Math.round(started.durationMs * 1e6)),
        ),
    ).toEqual([]);
  });
});
