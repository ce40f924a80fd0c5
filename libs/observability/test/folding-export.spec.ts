import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOtlpSink, waitFor } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { configureTracing, nestInstrument, withSpan } from '../src/index.js';
import type { Telemetry, TracingOptions } from '../src/index.js';
import { statisticsOf } from '../src/tracing/export/span-statistics.js';
import { setEnvironment } from './support/environment.js';
import { foldNames, isFold, isKept } from './support/limited-spans.js';

const times = <T>(count: number, call: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => call(i));

@Injectable()
class Shelf {
  async *books(count: number): AsyncGenerator<string> {
    for (let index = 0; index < count; index++) {
      await Promise.resolve();
      yield this.title(index);
    }
  }

  title(index: number): string {
    return `book ${index}`;
  }
}

describe('folding, from configureTracing to a collector', () => {
  let sink: OtlpSink;
  let restore: () => void;
  let telemetry: Telemetry | undefined;

  const start = (options: TracingOptions = {}): void => {
    telemetry = configureTracing('folding', options);
  };

  beforeEach(async () => {
    sink = await startOtlpSink();
    restore = setEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, OTEL_BSP_SCHEDULE_DELAY: '20' });
  });

  afterEach(async () => {
    await telemetry?.shutdown(2_000);
    restore();
    await sink.close();
  });

  it('is on: requests of fetch in a loop are one span, which their traceparent names', async () => {
    const received: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      received.push(request.headers['traceparent']?.toString());
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    start();
    try {
      await withSpan('root', {}, async () => {
        for (let index = 0; index < 25; index++) await (await fetch(url)).text();
      });
      const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === 'root'));
      const [fold] = spans.filter(isFold);
      expect(fold).toMatchObject({ kind: 'client', attributes: { [foldNames.count]: 15, [foldNames.failed]: 0 } });
      expect(fold?.attributes).toMatchObject({ 'http.request.method': 'GET', 'server.address': '127.0.0.1' });
      const outward = `00-${fold?.traceId}-${fold?.spanId}-01`;
      expect(received.filter((header) => header === outward)).toHaveLength(15);
      const known = new Set(spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
      expect(received.every((header) => header !== undefined && known.has(header))).toBe(true);
      const [slowest] = spans.filter(isKept);
      expect(slowest).toMatchObject({ parentSpanId: fold?.spanId, kind: 'client' });
      expect(slowest?.attributes['http.response.status_code']).toBe(200);
    } finally {
      server.close();
    }
  });

  it('folds methods of providers, below a generator too, and counts for the statistics', async () => {
    start({ limits: { siblings: 4 } });
    const shelf = nestInstrument().instanceDecorator(new Shelf()) as Shelf;
    const read = await withSpan('root', {}, async () => {
      const titles: string[] = [];
      for await (const title of shelf.books(30)) titles.push(title);
      return titles;
    });
    expect(read).toEqual(times(30, (index) => `book ${index}`));
    const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === 'root'));
    const [fold] = spans.filter(isFold);
    const books = spans.find(({ name }) => name === 'Shelf.books');
    expect(fold).toMatchObject({ name: 'Shelf.title', parentSpanId: books?.spanId });
    expect(fold?.attributes).toMatchObject({ [foldNames.count]: 26, 'code.function.name': 'Shelf.title' });
    expect(statisticsOf()?.drops.get('folded')).toBe(25);
  });

  it('can be switched off, and the limit per trace set', async () => {
    start({ limits: { siblings: false, spansPerTrace: 30 } });
    withSpan('root', {}, () => times(40, () => withSpan('step', {}, () => 1)));
    const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === 'root'));
    expect(spans).toHaveLength(30);
    expect(spans.some(isFold)).toBe(false);
    const root = spans.find(({ name }) => name === 'root');
    expect(root?.attributes).toEqual({ 'signalpress.spans.dropped': 11 });
    expect(statisticsOf()?.drops.get('trace-limit')).toBe(11);
  });

  it('sends at shutdown what waits for work that never ends', async () => {
    start({ limits: { siblings: 1 } });
    withSpan('root', {}, () => {
      times(5, () => withSpan('hang', {}, () => 1));
      void withSpan('hang', {}, () => new Promise<never>(() => undefined));
    });
    await telemetry?.shutdown(2_000);
    await waitFor(() => sink.spans().some(isFold), { timeoutMs: 2_000, message: 'no fold arrived' });
    expect(sink.spans().find(isFold)?.attributes[foldNames.count]).toBe(4);
  });

  it('ends the span of a returned iteration with the iteration', async () => {
    start();
    const pages = withSpan('pages', {}, async function* () {
      for (const page of [1, 2, 3]) {
        await Promise.resolve();
        withSpan('page', {}, () => page);
        yield page;
      }
    });
    const read: number[] = [];
    for await (const page of pages) read.push(page);
    expect(read).toEqual([1, 2, 3]);
    const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === 'pages'));
    const [all] = spans.filter(({ name }) => name === 'pages');
    expect(spans.filter(({ name }) => name === 'page').map(({ parentSpanId }) => parentSpanId)).toEqual(
      times(3, () => all?.spanId),
    );
  });
});
