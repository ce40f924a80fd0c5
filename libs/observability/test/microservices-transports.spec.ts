import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  NatsContext,
  RmqContext,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import type { ClientProxy, TcpOptions } from '@nestjs/microservices';
import { collectLogs, startOtlpSink, waitFor } from '@signalpress/testing';
import type { LogCollection, OtlpSink } from '@signalpress/testing';
import { firstValueFrom } from 'rxjs';
import {
  Logger,
  ObservabilityModule,
  configureTracing,
  currentTraceId,
  nestInstrument,
  withSpan,
} from '../src/index.js';
import { contextOfMessage } from '../src/microservices/message-headers.js';
import { propagateContext, traceMicroservice } from '../src/microservices/index.js';
import { receivedMessage } from '../src/microservices/received-message.js';
import { trace } from '@opentelemetry/api';
import { setEnvironment } from './support/environment.js';

const seen: Array<string | undefined> = [];

@Controller()
class Desk {
  @MessagePattern('sum')
  sum(numbers: number[]): number {
    seen.push(currentTraceId());
    return numbers.reduce((total, number) => total + number, 0);
  }

  @EventPattern('closed')
  closed({ why }: { why: string }): void {
    seen.push(currentTraceId());
    throw new RpcException(`the desk is closed for ${why}`);
  }

  @EventPattern('lost')
  lost({ what }: { what: string }): void {
    throw new Error(`the ${what} is lost`);
  }
}

describe.each(['recorded', 'switched off'])('a microservice over TCP, %s', (mode) => {
  let sink: OtlpSink;
  let logs: LogCollection;
  const closing: Array<() => unknown> = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    seen.length = 0;
  });

  /** An application that is nothing but a microservice, and a client of it. */
  async function start(): Promise<ClientProxy> {
    sink = await startOtlpSink();
    closing.push(() => sink.close());
    closing.push(
      setEnvironment({
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_SDK_DISABLED: mode === 'recorded' ? undefined : 'true',
      }),
    );
    const telemetry = configureTracing('desk');
    closing.push(() => telemetry.shutdown(2_000));
    logs = collectLogs();
    @Module({
      imports: [ObservabilityModule.forRoot({ serviceName: 'desk', logDestination: logs.stream })],
      controllers: [Desk],
    })
    class DeskModule {}
    const settings: Omit<NestApplicationOptions, never> & TcpOptions = {
      instrument: nestInstrument(),
      bufferLogs: true,
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: 0 },
    };
    const desk = traceMicroservice(await NestFactory.createMicroservice(DeskModule, settings));
    desk.useLogger(desk.get(Logger));
    await desk.listen();
    closing.push(() => desk.close());
    const { port } = desk.unwrap<{ address(): { port: number } }>().address();
    const client = propagateContext(ClientProxyFactory.create({ transport: Transport.TCP, options: { port } }));
    closing.push(() => client.close() as unknown);
    return client;
  }

  it('goes on in the trace of the caller, and answers (opentelemetry-js-contrib #3563)', async () => {
    const client = await start();
    let outer: string | undefined;
    const answer = await withSpan('ask', {}, () => {
      outer = currentTraceId();
      return firstValueFrom(client.send<number>('sum', [1, 2, 3]));
    });
    expect(answer).toBe(6);
    expect(outer).toMatch(/^[0-9a-f]{32}$/);
    expect(seen).toEqual([outer]);
    if (mode !== 'recorded') return;
    const spans = await sink.waitForSpans((all) => all.length >= 3);
    const byName = new Map(spans.map((span) => [span.name, span]));
    expect(byName.get('process sum')).toMatchObject({
      traceId: outer,
      kind: 'consumer',
      parentSpanId: byName.get('ask')?.spanId,
    });
    expect(byName.get('Desk.sum')?.parentSpanId).toBe(byName.get('process sum')?.spanId);
  });

  it('begins a trace for a message without one, and reports an RpcException that no caller hears of', async () => {
    const client = await start();
    await firstValueFrom(client.emit('closed', { why: 'lunch' }), { defaultValue: undefined });
    const line = await waitFor(() => logs.lines().find(({ level }) => level === 'error'));
    expect(JSON.stringify(line)).toContain('the desk is closed for lunch');
    expect(line['trace_id']).toBe(seen[0]);
    expect(line).toMatchObject({ error_kind: 'message', error_source: 'closed' });
    expect(logs.lines().filter(({ level }) => level === 'error')).toHaveLength(1);
    if (mode !== 'recorded') return;
    const spans = await sink.waitForSpans((all) => all.some(({ name }) => name === 'process closed'));
    const process = spans.find(({ name }) => name === 'process closed');
    expect(process?.parentSpanId).toBeUndefined();
    expect(process?.status.code).toBe('error');
  });

  it('reports an error that nobody expected, once', async () => {
    const client = await start();
    await firstValueFrom(client.emit('lost', { what: 'key' }), { defaultValue: undefined });
    await waitFor(() => logs.text().includes('the key is lost'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const lines = logs.lines().filter(({ level }) => level === 'error');
    expect(lines).toEqual([expect.objectContaining({ error_kind: 'message', error_source: 'lost' })]);
    expect(lines[0]?.['trace_id']).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('headers', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const traceOf = (headers: Record<string, unknown>) => trace.getSpanContext(contextOfMessage(headers))?.traceId;

  it('may be text, bytes, or repeated, and nonsense is nobody', () => {
    const wanted = '0af7651916cd43dd8448eb211c80319c';
    expect(traceOf({ traceparent })).toBe(wanted);
    expect(traceOf({ traceparent: Buffer.from(traceparent) })).toBe(wanted);
    expect(traceOf({ traceparent: new Uint8Array(Buffer.from(traceparent)) })).toBe(wanted);
    expect(traceOf({ traceparent: ['junk', Buffer.from(traceparent)] })).toBe(wanted);
    expect([{}, { traceparent: 'junk' }, { traceparent: 7 }, { traceparent: null }].map(traceOf)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });

  it('are found in the contexts of brokers that have them', () => {
    const headers = { traceparent };
    expect(receivedMessage(new RmqContext([{ properties: { headers } }, {}, 'orders']))).toEqual({
      system: 'rabbitmq',
      destination: 'orders',
      headers,
    });
    const nats = { keys: () => ['traceparent'], get: () => traceparent };
    expect(receivedMessage(new NatsContext(['orders', nats]))).toEqual({
      system: 'nats',
      destination: 'orders',
      headers,
    });
    expect(receivedMessage(new NatsContext(['orders', undefined]))?.headers).toEqual({});
    expect(receivedMessage({})).toBeUndefined();
  });
});
