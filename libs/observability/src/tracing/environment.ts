/** What the standard variables say about the export of traces. */
export interface TracingEnvironment {
  /** Undefined: nothing is exported. */
  readonly exporter?: { readonly protocol: OtlpProtocol };
  /** `OTEL_SERVICE_NAME`, which wins over the name in the code. */
  readonly serviceName?: string;
  /** Whether `OTEL_NODE_RESOURCE_DETECTORS` chooses the detectors. */
  readonly choosesDetectors: boolean;
}

export type OtlpProtocol = 'grpc' | 'http/protobuf';

/** One line that names the variable which cannot be used. */
export class TracingEnvironmentError extends Error {
  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable} ${problem}`);
    this.name = 'TracingEnvironmentError';
  }
}

const DIAGNOSTIC_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

export type DiagnosticLevel = (typeof DIAGNOSTIC_LEVELS)[number];

type Source = Readonly<Record<string, string | undefined>>;

const OTLP_PROTOCOLS: readonly OtlpProtocol[] = ['grpc', 'http/protobuf'];

/**
 * Reads the `OTEL_*` variables that decide whether and how traces leave the process. Everything else (headers, timeout,
 * compression, sampler, limits, batch sizes, resource attributes) is read by the SDK itself. Empty means unset.
 *
 * @throws TracingEnvironmentError when a value cannot be used.
 */
export function readTracingEnvironment(source: Source = process.env): TracingEnvironment {
  const serviceName = read(source, 'OTEL_SERVICE_NAME');
  const rest = {
    ...(serviceName === undefined ? {} : { serviceName }),
    choosesDetectors: read(source, 'OTEL_NODE_RESOURCE_DETECTORS') !== undefined,
  };
  // All are checked before any is obeyed: a typo must not hide behind a switch.
  const disabled = readBoolean(source, 'OTEL_SDK_DISABLED');
  const exporting = readExporter(source);
  const protocol = readProtocol(source);
  const hasEndpoint = readEndpoint(source);
  if (disabled || !exporting || !hasEndpoint) return rest;
  return { ...rest, exporter: { protocol } };
}

/** How much of the SDK's own messages is logged: `OTEL_LOG_LEVEL`, default and fallback `warn`. */
export function readDiagnosticLevel(source: Source = process.env): DiagnosticLevel {
  const value = read(source, 'OTEL_LOG_LEVEL')?.toLowerCase();
  return DIAGNOSTIC_LEVELS.find((level) => level === value) ?? 'warn';
}

function read(source: Source, variable: string): string | undefined {
  const value = source[variable]?.trim();
  return value === '' ? undefined : value;
}

function readBoolean(source: Source, variable: string): boolean {
  const value = read(source, variable)?.toLowerCase();
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new TracingEnvironmentError(variable, `must be "true" or "false", not "${shown(value)}"`);
}

function readExporter(source: Source): boolean {
  const variable = 'OTEL_TRACES_EXPORTER';
  const value = read(source, variable);
  if (value === undefined || value === 'otlp') return true;
  if (value === 'none') return false;
  throw new TracingEnvironmentError(variable, `must be "otlp" or "none", not "${shown(value)}"`);
}

function readProtocol(source: Source): OtlpProtocol {
  for (const variable of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const value = read(source, variable);
    if (value === undefined) continue;
    const protocol = OTLP_PROTOCOLS.find((known) => known === value);
    if (protocol) return protocol;
    throw new TracingEnvironmentError(variable, `must be "grpc" or "http/protobuf", not "${shown(value)}"`);
  }
  return 'http/protobuf';
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

/** A wrong value may be a secret in the wrong place: what is shown has neither user nor password, and an end. */
function shown(value: string): string {
  return value.replace(/\/\/[^/@]{0,512}@/, '//').slice(0, 100);
}
