import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import { ROOT_CONTEXT, context, defaultTextMapGetter, diag, propagation, trace } from '@opentelemetry/api';
import { collectLogs, waitFor } from '@signalpress/testing';
import { statisticsOf } from '../../src/tracing/export/span-statistics.js';
import { createLogger } from '../../src/logging/logger.js';
import { SdkDiagnostics } from '../../src/tracing/sdk-diagnostics.js';
import { exportedWith, overHttp, refuses, spanNamed } from './harness.js';
import type { Check, Variables } from './harness.js';

/** The headers of a request that `fetch` sends from inside of a span with baggage. */
async function sent(variables: Variables): Promise<IncomingHttpHeaders> {
  let headers: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    headers = request.headers;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await exportedWith(overHttp(variables), {
    work: async () => {
      const span = trace.getTracer('spec').startSpan('work', {}, ROOT_CONTEXT);
      const baggage = propagation.createBaggage({ tenant: { value: 'shop-1' } });
      const inside = propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, span), baggage);
      await context.with(inside, async () => (await fetch(`http://127.0.0.1:${port}/`)).text());
      span.end();
    },
  });
  await new Promise((resolve) => server.close(resolve));
  return headers;
}

async function propagated(OTEL_PROPAGATORS: string, others: Variables = {}): Promise<string[]> {
  const names = ['traceparent', 'baggage', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'uber-trace-id'];
  const headers = await sent({ ...others, ...(OTEL_PROPAGATORS === '' ? {} : { OTEL_PROPAGATORS }) });
  return names.filter((name) => headers[name] !== undefined);
}

/** What the log says about a collector that refuses. */
async function complaints(OTEL_LOG_LEVEL: string): Promise<unknown[]> {
  const logs = collectLogs();
  await exportedWith(overHttp({ OTEL_LOG_LEVEL, OTEL_BSP_SCHEDULE_DELAY: '1' }), {
    work: async (sink) => {
      const diagnostics = new SdkDiagnostics(
        createLogger({ serviceName: 'spec', logLevel: 'trace', logDestination: logs.stream }),
      );
      diagnostics.onModuleInit();
      sink.behave({ status: 400 });
      spanNamed('work');
      await waitFor(() => statisticsOf()?.failures.get('rejected'), { message: 'the refusal' });
      diagnostics.onApplicationShutdown();
    },
  });
  diag.disable();
  return logs.lines().map(({ level, msg }) => `${String(level)}: ${String(msg)}`);
}

/** Rows of "Beside the spans". */
export const beside: Readonly<Record<string, Check>> = {
  OTEL_PROPAGATORS: async () => {
    const off = { OTEL_SDK_DISABLED: 'true' };
    expect(await propagated('')).toEqual(['traceparent', 'baggage']);
    expect(await propagated('tracecontext')).toEqual(['traceparent']);
    expect(await propagated('baggage')).toEqual(['baggage']);
    expect(await propagated('b3')).toEqual(['b3']);
    expect(await propagated('b3multi')).toEqual(['x-b3-traceid', 'x-b3-spanid']);
    expect(await propagated('tracecontext, b3multi')).toEqual(['traceparent', 'x-b3-traceid', 'x-b3-spanid']);
    expect(await propagated('none')).toEqual([]);
    expect(await propagated('', off)).toEqual(['traceparent', 'baggage']);
    expect(await propagated('b3', off)).toEqual(['b3']);
    expect(await propagated('none', off)).toEqual([]);
    refuses('OTEL_PROPAGATORS', ['jaeger', 'tracecontext,xray', 'B3']);
    await exportedWith(overHttp({ OTEL_PROPAGATORS: 'b3' }), {
      work: () => {
        const carrier = { b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1' };
        const incoming = propagation.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
        expect(trace.getSpanContext(incoming)?.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
      },
    });
  },

  OTEL_LOG_LEVEL: async () => {
    expect(await complaints('none')).toEqual([]);
    expect(await complaints('error')).toEqual(['warn: 1 spans could not be exported: Bad Request']);
    expect(await complaints('nonsense')).toEqual(['warn: 1 spans could not be exported: Bad Request']);
    expect((await complaints('info')).length).toBeGreaterThan(1);
  },
};
