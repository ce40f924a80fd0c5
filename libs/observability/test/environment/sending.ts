import { expect } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { waitFor } from '@signalpress/testing';
import type { OtlpSink } from '@signalpress/testing';
import { statisticsOf } from '../../src/tracing/export/span-statistics.js';
import { exportedWith, overHttp, refuses, spanNamed } from './harness.js';
import type { Check, Exported, Variables } from './harness.js';

const spans = (count: number) => {
  for (let index = 0; index < count; index++) spanNamed(`work ${index}`);
};

/** What becomes of one span when the collector never answers, without the help of a shutdown. */
async function hanging(variables: Variables): Promise<Exported> {
  return exportedWith(overHttp({ OTEL_BSP_SCHEDULE_DELAY: '1', ...variables }), {
    shutdownMs: 100,
    work: async (sink) => {
      sink.behave('hang');
      spanNamed('work');
      await waitFor(() => statisticsOf()?.drops.get('export-failed'), { message: 'the export to be given up' });
    },
  });
}

async function compressed(variables: Variables): Promise<string | undefined> {
  const { requests } = await exportedWith(overHttp(variables), {
    work: () =>
      trace
        .getTracer('spec')
        .startSpan('work', { attributes: { text: 'word '.repeat(500) } })
        .end(),
  });
  expect(requests).toHaveLength(1);
  return requests[0]?.headers['content-encoding'];
}

/** Rows of "How it is sent" without those about certificates. */
export const sending: Readonly<Record<string, Check>> = {
  OTEL_EXPORTER_OTLP_HEADERS: async () => {
    const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop%201, authorization=Basic%20YTpi%3D' };
    const http = await exportedWith(overHttp(headers));
    expect(http.requests[0]?.headers).toMatchObject({ 'x-tenant': 'shop 1', authorization: 'Basic YTpi=' });
    const grpc = await exportedWith((sink) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.grpcUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      ...headers,
    }));
    expect(grpc.requests[0]?.headers).toMatchObject({ 'x-tenant': 'shop 1', authorization: 'Basic YTpi=' });
  },

  OTEL_EXPORTER_OTLP_TRACES_HEADERS: async () => {
    const { requests } = await exportedWith(
      overHttp({ OTEL_EXPORTER_OTLP_HEADERS: 'x-a=all,x-b=all', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-b=tr%C3%A4ces' }),
    );
    expect(requests[0]?.headers).toMatchObject({ 'x-a': 'all' });
    expect(Buffer.from(requests[0]?.headers['x-b'] ?? '', 'latin1').toString('latin1')).toBe('träces');
  },

  OTEL_EXPORTER_OTLP_TIMEOUT: async () => {
    const { statistics } = await hanging({ OTEL_EXPORTER_OTLP_TIMEOUT: '100' });
    expect(statistics?.failures).toEqual(new Map([['timeout', 1]]));
    refuses('OTEL_EXPORTER_OTLP_TIMEOUT', ['0', '-5', '10s', '1e3']);
  },

  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: async () => {
    const { statistics } = await hanging({
      OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '100',
    });
    expect(statistics?.failures).toEqual(new Map([['timeout', 1]]));
    refuses('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', ['never']);
  },

  OTEL_EXPORTER_OTLP_COMPRESSION: async () => {
    expect(await compressed({})).toBeUndefined();
    expect(await compressed({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' })).toBe('gzip');
    refuses('OTEL_EXPORTER_OTLP_COMPRESSION', ['brotli']);
  },

  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: async () => {
    const over = (traces: string, all: string) =>
      compressed({ OTEL_EXPORTER_OTLP_COMPRESSION: all, OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: traces });
    expect(await over('gzip', 'none')).toBe('gzip');
    expect(await over('none', 'gzip')).toBeUndefined();
    refuses('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', ['GZIP ']);
  },

  OTEL_BSP_MAX_QUEUE_SIZE: async () => {
    // All end in one turn of the event loop: nothing can be sent between.
    const { statistics, spans: received } = await exportedWith(
      overHttp({ OTEL_BSP_MAX_QUEUE_SIZE: '20', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5' }),
      { work: () => spans(50) },
    );
    expect(received).toHaveLength(20);
    expect(statistics?.drops.get('queue-full')).toBe(30);
    const unset = await exportedWith(overHttp(), { work: () => spans(2_500) });
    expect(unset.spans).toHaveLength(2_500);
    expect(unset.statistics?.drops.size).toBe(0);
    refuses('OTEL_BSP_MAX_QUEUE_SIZE', ['0', '-1', '1.5', 'many', '99999999999']);
  },

  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: async () => {
    const sizes = async (variables: Variables, count: number) => {
      const { requests } = await exportedWith(overHttp(variables), { work: () => spans(count) });
      return requests.map(({ spanCount }) => spanCount).sort((left, right) => right - left);
    };
    expect(await sizes({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' }, 25)).toEqual([10, 10, 5]);
    expect(await sizes({}, 600)).toEqual([512, 88]);
    // A queue smaller than the default batch makes the batch smaller, too.
    expect(await sizes({ OTEL_BSP_MAX_QUEUE_SIZE: '4' }, 4)).toEqual([4]);
    refuses('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', ['0', 'x']);
    refuses('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', ['101'], { OTEL_BSP_MAX_QUEUE_SIZE: '100' });
  },

  OTEL_BSP_SCHEDULE_DELAY: async () => {
    const arrivesBefore = async (variables: Variables, atLeast: number) => {
      let arrived = false;
      await exportedWith(overHttp(variables), {
        work: async (sink: OtlpSink) => {
          spanNamed('work');
          await sink
            .waitForSpans((received) => received.length === 1, { timeoutMs: atLeast })
            .then(
              () => (arrived = true),
              () => undefined,
            );
        },
      });
      return arrived;
    };
    expect(await arrivesBefore({ OTEL_BSP_SCHEDULE_DELAY: '20' }, 3_000)).toBe(true);
    expect(await arrivesBefore({ OTEL_BSP_SCHEDULE_DELAY: '60000' }, 200)).toBe(false);
    refuses('OTEL_BSP_SCHEDULE_DELAY', ['0', 'soon']);
  },

  OTEL_BSP_EXPORT_TIMEOUT: async () => {
    const { statistics } = await hanging({ OTEL_BSP_EXPORT_TIMEOUT: '100' });
    expect(statistics?.failures).toEqual(new Map([['timeout', 1]]));
    refuses('OTEL_BSP_EXPORT_TIMEOUT', ['0', '30 s']);
  },
};
