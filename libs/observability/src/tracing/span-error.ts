import { SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { isExpected, normalizeError } from '../errors/service-error.js';
import { redactText } from '../logging/redaction.js';
import { attributeNames } from '../semconv.js';
import { FoldedSpan } from './folding/folded-span.js';

/** Records the error and ends the span. */
export function failSpan(span: Span, error: unknown): void {
  recordError(span, error);
  span.end();
}

/** Whether it matters what the span is told and when it ends: it is recorded, or folded and may be written after all. */
export function isMeasured(span: Span): boolean {
  return span.isRecording() || span instanceof FoldedSpan;
}

/** Errors that some span already holds: the innermost one that saw it. Keyed by the error itself, so nothing is kept alive. */
const recorded = new WeakSet();

/**
 * The exception event goes to the first span that sees the error and is exported; spans further out only get their status.
 * Expected errors (answers, such as a 404) leave the status alone. Message and stack are redacted.
 */
export function recordError(span: Span, thrown: unknown): void {
  if (!isMeasured(span)) return;
  const error = normalizeError(thrown);
  const message = redactText(error.message);
  const type = errorType(error);
  if (holdsError(span) && !isRecorded(thrown)) {
    span.recordException({ name: type, message, stack: redactText(error.stack ?? '') });
    if (typeof thrown === 'object' && thrown !== null) recorded.add(thrown);
  }
  span.setAttribute(attributeNames.errorType, type);
  if (!isExpected(thrown)) span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** One of too many failures in a fold is only counted: its error is left to a span further out. */
function holdsError(span: Span): boolean {
  return !(span instanceof FoldedSpan) || span.holdsError();
}

function isRecorded(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && recorded.has(thrown);
}

function errorType(error: Error): string {
  return error.name !== 'Error' && error.name !== '' ? error.name : error.constructor.name || 'Error';
}
