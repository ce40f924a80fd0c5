import { Controller, Get, Injectable, Module } from '@nestjs/common';
import type { NestApplicationOptions } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { collectLogs, collectSpans } from '@signalpress/testing';
import { ObservabilityModule, configureTracing, currentTraceContext, nestInstrument } from '../src/index.js';
import type { Telemetry } from '../src/index.js';
import { setEnvironment } from './support/environment.js';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function declare() {
  @Injectable()
  class Shelf {
    where(): string | undefined {
      return currentTraceContext()?.traceparent;
    }
  }
  @Controller()
  class ShelfController {
    constructor(private readonly shelf: Shelf) {}
    @Get('where')
    async where(): Promise<{ traceparent: string | null }> {
      await Promise.resolve();
      return { traceparent: this.shelf.where() ?? null };
    }
    @Get('broken')
    broken(): never {
      throw new Error('broken');
    }
  }
  return { Shelf, ShelfController };
}

describe('OTEL_SDK_DISABLED', () => {
  let restore: () => void;
  let telemetry: Telemetry | undefined;
  let app: NestFastifyApplication;

  async function start(disabled: boolean, tells = false) {
    restore = setEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      OTEL_SDK_DISABLED: disabled ? 'true' : undefined,
    });
    telemetry = configureTracing('shelf');
    const { Shelf, ShelfController } = declare();
    const where: unknown = Reflect.get(Shelf.prototype, 'where');
    const logs = collectLogs();
    @Module({
      imports: [
        ObservabilityModule.forRoot({
          serviceName: 'shelf',
          requestLog: tells,
          httpMetrics: tells,
          logDestination: logs.stream,
        }),
      ],
      controllers: [ShelfController],
      providers: [Shelf],
    })
    class ShelfModule {}
    // As a plain object type: Nest declares the options as a class, whose instances nobody makes.
    const options: Omit<NestApplicationOptions, never> = { instrument: nestInstrument(), logger: false };
    app = await NestFactory.create<NestFastifyApplication>(ShelfModule, new FastifyAdapter(), options);
    await app.listen(0, '127.0.0.1');
    return { url: await app.getUrl(), wrapped: Reflect.get(Shelf.prototype, 'where') !== where, logs };
  }

  const asked = async (url: string, traceparent?: string): Promise<unknown> => {
    const response = await fetch(`${url}/where`, { headers: traceparent === undefined ? {} : { traceparent } });
    return ((await response.json()) as { traceparent: unknown }).traceparent;
  };

  beforeEach(() => {
    telemetry = undefined;
  });

  afterEach(async () => {
    await app.close();
    await telemetry?.shutdown(1_000);
    restore();
  });

  // `fetch` of this process would bring a context along: an injected request brings none.
  const injected = async (path: string) => app.inject({ method: 'GET', url: path });

  it('makes no context where none came and nothing is told, and hands on the one that came', async () => {
    const { url } = await start(true);
    expect((await injected('/where')).json()).toEqual({ traceparent: null });
    expect(await asked(url, CALLER)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
    const direct = await app.inject({ method: 'GET', url: '/where', headers: { traceparent: CALLER } });
    expect(direct.json()).toEqual({ traceparent: CALLER });
    expect((await injected('/broken')).statusCode).toBe(500);
  });

  it('leaves methods as they are', async () => {
    expect((await start(true)).wrapped).toBe(false);
  });

  it('keeps the ids of a request line', async () => {
    const { logs } = await start(true, true);
    await injected('/where');
    expect(logs.lines().find(({ msg }) => msg === 'request')?.['trace_id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is not meant where only the endpoint is missing', async () => {
    const { wrapped } = await start(false);
    expect(wrapped).toBe(true);
    expect((await injected('/where')).json()).toEqual({ traceparent: expect.stringMatching(/-00$/) });
  });

  it('says nothing about a provider that somebody else registered', async () => {
    const spans = collectSpans();
    try {
      const { wrapped } = await start(true);
      expect(wrapped).toBe(true);
      await injected('/where');
      expect(spans.spans().map(({ name }) => name)).toContain('Shelf.where');
    } finally {
      await spans.shutdown();
    }
  });
});
