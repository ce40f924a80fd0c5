import { expect } from '@jest/globals';
import { exportedWith, overHttp, refuses } from './harness.js';
import type { Check } from './harness.js';

/** Nothing listens on the discard port. */
const nowhere = 'http://127.0.0.1:9';

/** Rows of "Whether and where to". */
export const where: Readonly<Record<string, Check>> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: async () => {
    const withSlash = await exportedWith((sink) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${sink.httpUrl}/` }));
    expect(withSlash.spans.map(({ name }) => name)).toEqual(['work']);
    const without = await exportedWith(() => ({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }));
    expect(without).toMatchObject({ exporting: false, statistics: undefined, spans: [] });
    refuses('OTEL_EXPORTER_OTLP_ENDPOINT', ['localhost:4318', 'not a url', 'ftp://127.0.0.1']);
  },

  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: async () => {
    const { spans } = await exportedWith((sink) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: nowhere,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${sink.httpUrl}/v1/traces`,
    }));
    expect(spans).toHaveLength(1);
    const alone = await exportedWith((sink) => ({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: sink.grpcUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    }));
    expect(alone.spans).toHaveLength(1);
    refuses('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', ['127.0.0.1:4318/v1/traces', 'http://']);
  },

  OTEL_EXPORTER_OTLP_PROTOCOL: async () => {
    const unset = await exportedWith(overHttp());
    expect(unset.requests).toMatchObject([{ protocol: 'http/protobuf' }]);
    const grpc = await exportedWith((sink) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.grpcUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    }));
    expect(grpc.requests).toMatchObject([{ protocol: 'grpc' }]);
    refuses('OTEL_EXPORTER_OTLP_PROTOCOL', ['http/json', 'gprc']);
  },

  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: async () => {
    const { requests } = await exportedWith((sink) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.grpcUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    }));
    expect(requests).toMatchObject([{ protocol: 'grpc' }]);
    refuses('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', ['http']);
  },

  OTEL_SDK_DISABLED: async () => {
    const disabled = await exportedWith(overHttp({ OTEL_SDK_DISABLED: 'TRUE' }));
    expect(disabled).toMatchObject({ exporting: false, statistics: undefined, spans: [] });
    const enabled = await exportedWith(overHttp({ OTEL_SDK_DISABLED: 'false' }));
    expect(enabled.spans).toHaveLength(1);
    refuses('OTEL_SDK_DISABLED', ['yes', '1']);
    // A typo does not hide behind the switch.
    refuses('OTEL_TRACES_SAMPLER', ['sometimes'], { OTEL_SDK_DISABLED: 'true' });
  },

  OTEL_TRACES_EXPORTER: async () => {
    const none = await exportedWith(overHttp({ OTEL_TRACES_EXPORTER: 'none' }));
    expect(none).toMatchObject({ exporting: false, spans: [] });
    const otlp = await exportedWith(overHttp({ OTEL_TRACES_EXPORTER: 'otlp' }));
    expect(otlp.spans).toHaveLength(1);
    refuses('OTEL_TRACES_EXPORTER', ['zipkin', 'console', 'otlp,console']);
  },
};
