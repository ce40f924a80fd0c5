import { describe, expect, it } from '@jest/globals';
import { TracingEnvironmentError, readTracingEnvironment } from './environment.js';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };

describe('readTracingEnvironment', () => {
  it('exports nothing without an endpoint', () => {
    expect(readTracingEnvironment({})).toEqual({
      disabled: false,
      choosesDetectors: false,
      propagators: ['tracecontext', 'baggage'],
    });
    expect(readTracingEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }).exporter).toBeUndefined();
  });

  it('exports over HTTP by default, over gRPC when told, per signal first', () => {
    expect(readTracingEnvironment(endpoint).exporter?.protocol).toBe('http/protobuf');
    expect(
      readTracingEnvironment({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example.org/v1/traces' }).exporter
        ?.protocol,
    ).toBe('http/protobuf');
    expect(readTracingEnvironment({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).exporter?.protocol).toBe(
      'grpc',
    );
    expect(
      readTracingEnvironment({
        ...endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      }).exporter?.protocol,
    ).toBe('http/protobuf');
  });

  it('can be switched off', () => {
    expect(readTracingEnvironment({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }).exporter).toBeUndefined();
    expect(readTracingEnvironment({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }).disabled).toBe(true);
    expect(readTracingEnvironment({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).exporter).toBeUndefined();
    expect(readTracingEnvironment({ ...endpoint, OTEL_SDK_DISABLED: 'false' }).exporter).toBeDefined();
  });

  it('takes the service name from the environment where there is one', () => {
    expect(readTracingEnvironment({ OTEL_SERVICE_NAME: 'other' }).serviceName).toBe('other');
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'not a url'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'ftp://example.org'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'gprc'],
    ['OTEL_SDK_DISABLED', 'yes'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
  ])('names %s when it is %s', (variable, value) => {
    const read = () => readTracingEnvironment({ ...endpoint, [variable]: value });
    expect(read).toThrow(TracingEnvironmentError);
    expect(read).toThrow(new RegExp(`^${variable} must be [^\\n]+$`));
  });

  it('shows no password of a wrong URL', () => {
    expect(() => readTracingEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:hunter2@example.org' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});
