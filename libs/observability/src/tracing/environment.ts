import {
  checkExporterVariables,
  readDetectors,
  readPropagators,
  readSampler,
  readSpanQueueLimits,
  readSpanSizeLimits,
  readTlsFiles,
} from './export/export-environment.js';
import type { PropagatorName, SamplerChoice, SpanSizeLimits, TlsFiles } from './export/export-environment.js';
import type { SpanQueueLimits } from './export/span-queue.js';
import { TracingEnvironmentError, read, readBoolean, readChoice, shown } from './export/variables.js';
import type { Source } from './export/variables.js';

export { TracingEnvironmentError };

/** How spans are sent. Endpoint, headers, timeout and compression are read by the SDK's exporters themselves. */
export interface ExportEnvironment {
  readonly protocol: OtlpProtocol;
  readonly queue: SpanQueueLimits;
  readonly spanLimits: SpanSizeLimits;
  readonly sampler: SamplerChoice;
  readonly tls: TlsFiles;
}

/** What the standard variables say about traces. */
export interface TracingEnvironment {
  /** `OTEL_SDK_DISABLED`: not even ids are made where nobody asks for them. */
  readonly disabled: boolean;
  /** Undefined: nothing is exported. */
  readonly exporter?: ExportEnvironment;
  /** `OTEL_SERVICE_NAME`, which wins over the name in the code. */
  readonly serviceName?: string;
  /** Whether `OTEL_NODE_RESOURCE_DETECTORS` chooses the detectors. */
  readonly choosesDetectors: boolean;
  /** Empty: no context goes out and none comes in. */
  readonly propagators: readonly PropagatorName[];
}

export type OtlpProtocol = 'grpc' | 'http/protobuf';

const DIAGNOSTIC_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

export type DiagnosticLevel = (typeof DIAGNOSTIC_LEVELS)[number];

const OTLP_PROTOCOLS: readonly OtlpProtocol[] = ['grpc', 'http/protobuf'];

/**
 * Reads the `OTEL_*` variables (docs/environment.md lists them). Empty means unset. All are checked before any is obeyed: a typo must
 * not hide behind a switch.
 *
 * @throws TracingEnvironmentError when a value cannot be used.
 */
export function readTracingEnvironment(source: Source = process.env): TracingEnvironment {
  const serviceName = read(source, 'OTEL_SERVICE_NAME');
  const disabled = readBoolean(source, 'OTEL_SDK_DISABLED');
  const rest = {
    disabled,
    ...(serviceName === undefined ? {} : { serviceName }),
    choosesDetectors: readDetectors(source),
    propagators: readPropagators(source),
  };
  const exporting = readChoice(source, 'OTEL_TRACES_EXPORTER', ['otlp', 'none']) !== 'none';
  const hasEndpoint = readEndpoint(source);
  checkExporterVariables(source);
  const exporter = {
    protocol: readProtocol(source),
    queue: readSpanQueueLimits(source),
    spanLimits: readSpanSizeLimits(source),
    sampler: readSampler(source),
    tls: readTlsFiles(source),
  };
  return disabled || !exporting || !hasEndpoint ? rest : { ...rest, exporter };
}

/** How much of the SDK's own messages is logged: `OTEL_LOG_LEVEL`, default and fallback `warn`. */
export function readDiagnosticLevel(source: Source = process.env): DiagnosticLevel {
  const value = read(source, 'OTEL_LOG_LEVEL')?.toLowerCase();
  return DIAGNOSTIC_LEVELS.find((level) => level === value) ?? 'warn';
}

function readProtocol(source: Source): OtlpProtocol {
  const forAll = readChoice(source, 'OTEL_EXPORTER_OTLP_PROTOCOL', OTLP_PROTOCOLS);
  return readChoice(source, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', OTLP_PROTOCOLS) ?? forAll ?? 'http/protobuf';
}

function readEndpoint(source: Source): boolean {
  let found = false;
  for (const variable of ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const value = read(source, variable);
    if (value === undefined) continue;
    const url = URL.parse(value);
    if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
      throw new TracingEnvironmentError(
        variable,
        `must be an http(s) URL such as http://localhost:4318, not "${shown(value)}"`,
      );
    }
    found = true;
  }
  return found;
}
