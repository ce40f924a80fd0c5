import { normalizeError } from '../../errors/service-error.js';
import type { ExportFailure } from './span-statistics.js';

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/) that mean something else than a refusal. */
const GRPC_DEADLINE_EXCEEDED = 4;
const GRPC_UNAVAILABLE = 14;

/** Puts an exporter's error into one of few kinds: they become values of a metric's label. */
export function failureOf(error: unknown): ExportFailure {
  const { message } = normalizeError(error);
  if (/timed? ?out|deadline/i.test(message)) return 'timeout';
  // What the exporter over HTTP says when it has tried often enough.
  if (/retryable status/i.test(message)) return 'rejected';
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === GRPC_DEADLINE_EXCEEDED || code === 'ETIMEDOUT') return 'timeout';
  if (typeof code === 'string' || code === GRPC_UNAVAILABLE) return 'unreachable';
  return typeof code === 'number' ? 'rejected' : 'other';
}
