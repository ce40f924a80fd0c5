import { readFileSync } from 'node:fs';
import type { SpanQueueLimits } from './span-queue.js';
import { TracingEnvironmentError, read, readChoice, readChoices, readFirst, readInteger, shown } from './variables.js';
import type { Source } from './variables.js';

/**
 * More than the 2,048 of the specification: that many are recorded by one busy core in 25 ms, less than a garbage collection or a
 * round trip to a collector may take. With a collector that is away, 32,768 spans of common size hold some 30 MB.
 */
export const DEFAULT_MAX_QUEUE_SIZE = 32_768;
const DEFAULT_MAX_EXPORT_BATCH_SIZE = 512;
const DEFAULT_SCHEDULE_DELAY_MS = 5_000;
const DEFAULT_EXPORT_TIMEOUT_MS = 30_000;

/** The specification knows no limit. Here every payload has one, and what is longer helps nobody who reads a trace. */
export const DEFAULT_ATTRIBUTE_VALUE_LENGTH = 4_096;
const DEFAULT_COUNT = 128;

/** @throws TracingEnvironmentError when an `OTEL_BSP_*` value cannot be used. */
export function readSpanQueueLimits(source: Source): SpanQueueLimits {
  const queueVariable = 'OTEL_BSP_MAX_QUEUE_SIZE';
  const batchVariable = 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE';
  const queueSize = readInteger(source, queueVariable, 1);
  const batchSize = readInteger(source, batchVariable, 1);
  const maxQueueSize = queueSize ?? DEFAULT_MAX_QUEUE_SIZE;
  if (batchSize !== undefined && batchSize > maxQueueSize) {
    throw new TracingEnvironmentError(
      batchVariable,
      `must not be larger than the queue (${queueVariable}, ${maxQueueSize}), not "${batchSize}"`,
    );
  }
  return {
    maxQueueSize,
    // Only a small queue was asked for: its batches are small.
    maxExportBatchSize: batchSize ?? Math.min(DEFAULT_MAX_EXPORT_BATCH_SIZE, maxQueueSize),
    scheduleDelayMs: readInteger(source, 'OTEL_BSP_SCHEDULE_DELAY', 1) ?? DEFAULT_SCHEDULE_DELAY_MS,
    exportTimeoutMs: readInteger(source, 'OTEL_BSP_EXPORT_TIMEOUT', 1) ?? DEFAULT_EXPORT_TIMEOUT_MS,
  };
}

/** What one span may hold. */
export interface SpanSizeLimits {
  readonly attributeCountLimit: number;
  readonly attributeValueLengthLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

/** @throws TracingEnvironmentError when a limit is no whole number. */
export function readSpanSizeLimits(source: Source): SpanSizeLimits {
  const count = (variable: string) => readInteger(source, variable, 0);
  const length = (variable: string) => readInteger(source, variable, 1);
  // All are read before one is chosen: a wrong one must not hide behind another.
  const attributes = count('OTEL_ATTRIBUTE_COUNT_LIMIT');
  const valueLength = length('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT');
  return {
    attributeCountLimit: count('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ?? attributes ?? DEFAULT_COUNT,
    attributeValueLengthLimit:
      length('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? valueLength ?? DEFAULT_ATTRIBUTE_VALUE_LENGTH,
    eventCountLimit: count('OTEL_SPAN_EVENT_COUNT_LIMIT') ?? DEFAULT_COUNT,
    linkCountLimit: count('OTEL_SPAN_LINK_COUNT_LIMIT') ?? DEFAULT_COUNT,
    attributePerEventCountLimit: count('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT') ?? DEFAULT_COUNT,
    attributePerLinkCountLimit: count('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT') ?? DEFAULT_COUNT,
  };
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface SamplerChoice {
  readonly name: (typeof SAMPLERS)[number];
  /** Of the samplers that take a share of the traces. */
  readonly ratio: number;
}

/** @throws TracingEnvironmentError for an unknown sampler, or an argument that is no share. */
export function readSampler(source: Source): SamplerChoice {
  const name = readChoice(source, 'OTEL_TRACES_SAMPLER', SAMPLERS) ?? 'parentbased_always_on';
  const argument = 'OTEL_TRACES_SAMPLER_ARG';
  const value = read(source, argument);
  // The other samplers take no argument: theirs is not looked at.
  if (value === undefined || !name.endsWith('traceidratio')) return { name, ratio: 1 };
  const ratio = Number(value);
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new TracingEnvironmentError(argument, `must be a number between 0 and 1, not "${shown(value)}"`);
  }
  return { name, ratio };
}

const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi', 'none'] as const;

export type PropagatorName = Exclude<(typeof PROPAGATORS)[number], 'none'>;

/** Empty: `none` was asked for. @throws TracingEnvironmentError for a propagator that the SDK does not bring. */
export function readPropagators(source: Source): PropagatorName[] {
  const names = readChoices(source, 'OTEL_PROPAGATORS', PROPAGATORS) ?? ['tracecontext', 'baggage'];
  if (names.includes('none')) return [];
  return names.filter((name) => name !== 'none');
}

const DETECTORS = ['env', 'host', 'os', 'process', 'serviceinstance', 'all', 'none'] as const;

/** Whether the variable chooses the detectors. @throws TracingEnvironmentError for an unknown one. */
export function readDetectors(source: Source): boolean {
  return readChoices(source, 'OTEL_NODE_RESOURCE_DETECTORS', DETECTORS) !== undefined;
}

const PER_SIGNAL_FIRST = (name: string) => [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`];

/** The exporter reads these itself, and would go on with its default. @throws TracingEnvironmentError */
export function checkExporterVariables(source: Source): void {
  for (const variable of PER_SIGNAL_FIRST('TIMEOUT')) readInteger(source, variable, 1);
  for (const variable of PER_SIGNAL_FIRST('COMPRESSION')) readChoice(source, variable, ['gzip', 'none']);
}

/** Certificates in PEM. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** @throws TracingEnvironmentError when a file cannot be read, or a client certificate and its key do not come together. */
export function readTlsFiles(source: Source): TlsFiles {
  const ca = readFile(source, 'CERTIFICATE');
  const cert = readFile(source, 'CLIENT_CERTIFICATE');
  const key = readFile(source, 'CLIENT_KEY');
  if (cert && !key) throw new TracingEnvironmentError('OTEL_EXPORTER_OTLP_CLIENT_KEY', 'must go with the certificate');
  if (key && !cert) {
    throw new TracingEnvironmentError('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', 'must go with the client key');
  }
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

function readFile(source: Source, name: string): Buffer | undefined {
  const file = readFirst(source, PER_SIGNAL_FIRST(name));
  if (!file) return undefined;
  try {
    return readFileSync(file.value);
  } catch {
    throw new TracingEnvironmentError(file.variable, `must be a file that can be read, not "${shown(file.value)}"`);
  }
}
