import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startOtlpSink, startSentrySink, waitFor } from '@signalpress/testing';
import type { DecodedSpan, OtlpSink, SentrySink } from '@signalpress/testing';
import { kafkaUnavailable, startKafka } from '@signalpress/testing/kafka';
import type { Kafka } from '@signalpress/testing/kafka';
import { Kafka as Client, logLevel } from 'kafkajs';
import { configureTracing } from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { setEnvironment } from './support/environment.js';
import { OrdersConsumer, startShop, startWarehouse } from './support/message-apps.js';
import type { MessageApp, Seen } from './support/message-apps.js';

const unavailable = kafkaUnavailable();
const name = unavailable === undefined ? 'Nest over Kafka' : `Nest over Kafka (skipped: ${unavailable})`;
const WAIT = { timeoutMs: 30_000 };

(unavailable === undefined ? describe : describe.skip)(name, () => {
  let kafka: Kafka;
  let sink: OtlpSink;
  let sentry: SentrySink;
  let restore: () => void;
  let telemetry: Telemetry;
  let shop: MessageApp;
  let warehouse: MessageApp;
  let brokers: string[];

  beforeAll(async () => {
    kafka = await startKafka();
    brokers = kafka.bootstrap.split(',');
    const admin = new Client({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topics = ['orders', 'prices', 'prices.reply'].map((topic) => ({ topic }));
    await admin.createTopics({ topics, waitForLeaders: true });
    await admin.disconnect();
    [sink, sentry] = await Promise.all([startOtlpSink(), startSentrySink()]);
    restore = setEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
    telemetry = configureTracing('messages');
    warehouse = await startWarehouse(brokers, sentry.dsn);
    shop = await startShop(brokers);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([shop.app.close(), warehouse.app.close()]);
    await telemetry.shutdown(2_000);
    restore();
    await Promise.all([sink.close(), sentry.close()]);
    await kafka.stop();
  }, 60_000);

  beforeEach(() => {
    sink.reset();
    sentry.reset();
  });

  const get = async (path: string): Promise<Response> => fetch(`${shop.url}/${path}`);
  const seen = (id: string): Seen[] => warehouse.app.get(OrdersConsumer).seen.filter((one) => one.id === id);
  const until = (predicate: (spans: DecodedSpan[]) => boolean): Promise<DecodedSpan[]> =>
    sink.waitForSpans(predicate, WAIT);
  const named = (spans: DecodedSpan[], wanted: string): DecodedSpan[] => spans.filter((span) => span.name === wanted);
  /** Names from a span up to the root of its trace. */
  const path = (spans: DecodedSpan[], of: DecodedSpan | undefined): string[] =>
    of === undefined
      ? []
      : [
          of.name,
          ...path(
            spans,
            spans.find(({ spanId }) => spanId === of.parentSpanId),
          ),
        ];

  it('makes an event one trace across both applications, the handler and its guards below the message (opentelemetry-js-contrib #2510)', async () => {
    expect((await get('emit/one')).status).toBe(200);
    const spans = await until(
      (all) => named(all, 'process orders').length === 1 && named(all, 'GET /emit/:id').length === 1,
    );
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(path(spans, named(spans, 'Pricing.priceOf')[0])).toEqual([
      'Pricing.priceOf',
      'OrdersConsumer.onOrder',
      'OrderInterceptor.intercept',
      'process orders',
      'publish orders',
      'ShopController.emit',
      'GET /emit/:id',
    ]);
    expect(path(spans, named(spans, 'OrderGuard.canActivate')[0]).slice(0, 2)).toEqual([
      'OrderGuard.canActivate',
      'process orders',
    ]);
    const [publish] = named(spans, 'publish orders');
    const [process] = named(spans, 'process orders');
    expect(publish).toMatchObject({ kind: 'producer', attributes: { 'messaging.operation.type': 'send' } });
    expect(process).toMatchObject({
      kind: 'consumer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'orders',
        'messaging.destination.partition.id': '0',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.consumer.group.name': 'warehouse-server',
        'messaging.kafka.offset': publish?.attributes['messaging.kafka.offset'],
      },
    });
    // Nothing is counted twice: one span per message and side, and one exception-free end each.
    expect(spans.filter(({ kind }) => kind === 'producer' || kind === 'consumer')).toHaveLength(2);
    const [message] = seen('one');
    expect(message?.headers['traceparent']).toBe(`00-${publish?.traceId}-${publish?.spanId}-01`);
    const line = warehouse.logs.lines().find(({ msg, id }) => msg === 'order received' && id === 'one');
    expect(line?.['trace_id']).toBe(publish?.traceId);
  });

  it('keeps messages apart that are sent at once', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    await Promise.all(ids.map((id) => get(`emit/${id}`)));
    const spans = await until(
      (all) => named(all, 'process orders').length === 20 && named(all, 'GET /emit/:id').length === 20,
    );
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(20);
    for (const process of named(spans, 'process orders')) {
      expect(path(spans, process)).toEqual([
        'process orders',
        'publish orders',
        'ShopController.emit',
        'GET /emit/:id',
      ]);
    }
    for (const id of ids) {
      const [message] = seen(id);
      expect(String(message?.headers['traceparent'])).toContain(message?.traceId);
    }
  });

  it('gives each message of a batch its own two spans', async () => {
    expect((await get('batch/3')).status).toBe(200);
    const spans = await until(
      (all) => named(all, 'process orders').length === 3 && named(all, 'publish orders').length === 1,
    );
    const [publish] = named(spans, 'publish orders');
    expect(publish).toMatchObject({ kind: 'client', attributes: { 'messaging.batch.message_count': 3 } });
    const created = named(spans, 'create orders');
    expect(created.map(({ kind, parentSpanId }) => [kind, parentSpanId])).toEqual(
      created.map(() => ['producer', publish?.spanId]),
    );
    const parents = named(spans, 'process orders').map(({ parentSpanId }) => parentSpanId);
    expect([...parents].sort()).toEqual(created.map(({ spanId }) => spanId).sort());
  });

  it('answers a request, and both sides are one trace', async () => {
    expect(await (await get('ask/four')).text()).toBe('4');
    const spans = await until(
      (all) => named(all, 'process prices').length === 1 && named(all, 'GET /ask/:id').length === 1,
    );
    expect(path(spans, named(spans, 'process prices')[0])).toEqual([
      'process prices',
      'publish prices',
      'ShopController.ask',
      'GET /ask/:id',
    ]);
    expect(spans.filter(({ status }) => status.code === 'error')).toEqual([]);
    // The consumer of replies was opened by this very request and is no part of its trace.
    sink.reset();
    await get('ask/fives');
    const later = await until((all) => named(all, 'GET /ask/:id').length === 1);
    expect(new Set(later.map(({ traceId }) => traceId)).size).toBe(1);
    expect(later[0]?.traceId).not.toBe(spans[0]?.traceId);
  });

  it('has one trace id for an error in log, span and Sentry, recorded and reported once', async () => {
    expect((await get('ask/unpriced')).status).toBe(500);
    const event = await sentry.waitForEvent((one) => one.tags['kind'] === 'message');
    expect(event.tags).toMatchObject({ kind: 'message', source: 'prices' });
    const spans = await until(
      (all) => named(all, 'GET /ask/:id').length === 1 && named(all, 'process prices').length === 1,
    );
    const failed = spans.filter(
      ({ events }) =>
        events.length > 0 && events.some(({ attributes }) => attributes['exception.message'] === 'no price list'),
    );
    expect(failed.map(({ name: at }) => at)).toEqual(['Pricing.priceOf']);
    expect(named(spans, 'process prices')[0]).toMatchObject({
      traceId: event.traceId,
      status: { code: 'error', message: 'no price list' },
    });
    expect(named(spans, 'publish prices')[0]?.status.code).toBe('error');
    const lines = warehouse.logs
      .lines()
      .filter((line) => line['level'] === 'error' && JSON.stringify(line).includes('no price list'));
    expect(lines.map((line) => line['trace_id'])).toEqual([event.traceId]);
    expect(sentry.events().filter(({ tags }) => tags['kind'] === 'message')).toHaveLength(1);
    expect(sentry.transactions()).toEqual([]);
  });

  it('reports no answer that the handler meant to give', async () => {
    await get('ask/refused');
    const spans = await until((all) => named(all, 'process prices').length === 1);
    expect(named(spans, 'process prices')[0]?.status.code).toBe('error');
    expect(sentry.events().filter(({ tags }) => tags['kind'] === 'message')).toEqual([]);
  });

  it.each([
    ['broken', 1],
    ['later', 0],
  ])('shows each attempt at a message that is delivered again: %s', async (id, reports) => {
    await get(`emit/${id}`);
    await waitFor(() => seen(id).length >= 2, { ...WAIT, message: 'a second delivery' });
    const spans = await until((all) => named(all, 'process orders').length >= 2);
    const [publish] = named(spans, 'publish orders');
    const attempts = named(spans, 'process orders');
    expect(attempts.every(({ parentSpanId }) => parentSpanId === publish?.spanId)).toBe(true);
    expect(attempts.map(({ status }) => status.code)).toEqual(['error', 'unset']);
    expect(sentry.events().filter(({ tags }) => tags['kind'] === 'message')).toHaveLength(reports);
  });

  describe('with links instead of parents', () => {
    let other: MessageApp;
    afterEach(() => other.app.close());

    it('begins a trace per message, which points at the sender', async () => {
      other = await startWarehouse(brokers, sentry.dsn, { relation: 'link' });
      sink.reset();
      await get('emit/linked');
      const toPublish = (all: DecodedSpan[]): DecodedSpan | undefined => {
        const [publish] = named(all, 'publish orders');
        return all.find(({ links }) => links.some(({ spanId }) => spanId === publish?.spanId));
      };
      const spans = await until((all) => toPublish(all) !== undefined);
      const [publish] = named(spans, 'publish orders');
      const linked = toPublish(spans);
      expect(linked).toMatchObject({ name: 'process orders', kind: 'consumer' });
      expect(linked?.parentSpanId).toBeUndefined();
      expect(linked?.traceId).not.toBe(publish?.traceId);
    });
  });
});
