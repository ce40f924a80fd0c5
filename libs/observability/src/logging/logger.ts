import { Injectable } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { Logger as Pino } from 'pino';
import { normalizeError } from '../errors/service-error.js';
import type { LogLevel, ObservabilityOptions } from '../observability.options.js';
import { logFields } from '../semconv.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { redactError, redactText, redactValue } from './redaction.js';

export type LogRecordFields = Readonly<Record<string, unknown>>;

/**
 * One JSON line per call, with the trace and span that are active. Messages and fields are redacted here, at the source. It
 * also is a Nest LoggerService: a trailing string of a Nest call is the context.
 */
@Injectable()
@NotTraced()
export class Logger implements LoggerService {
  constructor(private readonly pino: Pino) {}

  /** A logger of the same destination whose lines carry this context. */
  child(context: string): Logger {
    return new Logger(this.pino.child({ [logFields.context]: context }));
  }

  /** Whether lines of this level are written. */
  enabled(level: LogLevel): boolean {
    return this.pino.isLevelEnabled(level);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  info(message: string, fields?: LogRecordFields): void {
    this.write('info', message, [fields]);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Somebody must act. `error(message, error, fields?)`; Nest's own calls pass a stack and a context instead. */
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /**
   * A line whose message and fields are safe already: constants, numbers, redacted texts. For lines that are written per request,
   * where looking at every field again is most of the cost.
   */
  writeSafe(level: LogLevel, message: string, fields: LogRecordFields): void {
    this.pino[level](fields, message);
  }

  private write(level: LogLevel, message: unknown, rest: readonly unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const line: Record<string, unknown> = {};
    for (const [index, part] of rest.entries()) addPart(line, part, index === rest.length - 1);
    if (message instanceof Error) line[logFields.error] ??= redactError(message);
    this.pino[level](line, redactText(messageText(message, line)));
  }
}

function addPart(line: Record<string, unknown>, part: unknown, last: boolean): void {
  if (part === undefined || part === null) return;
  if (part instanceof Error) {
    line[logFields.error] = redactError(part);
  } else if (typeof part === 'string') {
    addText(line, part, last);
  } else if (typeof part === 'object' && !Array.isArray(part)) {
    if (isErrorShaped(part)) line[logFields.error] = redactError(normalizeError(part));
    else Object.assign(line, redactValue(part));
  } else {
    line['detail'] = redactValue(part);
  }
}

/** Nest passes (message, stack, context), (message, context): a stack has lines, a context is one word. */
function addText(line: Record<string, unknown>, text: string, last: boolean): void {
  if (text.includes('\n    at ')) line[logFields.error] ??= { stack: redactText(text) };
  else if (last) line[logFields.context] = text;
  else line['detail'] = redactText(text);
}

function isErrorShaped(part: object): boolean {
  return 'stack' in part && 'message' in part && typeof part.stack === 'string';
}

function messageText(message: unknown, line: Record<string, unknown>): string {
  if (typeof message === 'string') return message;
  if (message instanceof Error) return message.message;
  if (typeof message === 'object' && message !== null) {
    Object.assign(line, redactValue(message));
    return 'message' in message && typeof message.message === 'string' ? message.message : '';
  }
  return String(message);
}

/** The root logger of an application. */
export function createLogger(options: ObservabilityOptions): Logger {
  const { serviceName, version, logLevel = 'info', logDestination } = options;
  const root = pino(
    {
      level: logLevel,
      base: { [logFields.service]: serviceName, ...(version === undefined ? {} : { [logFields.version]: version }) },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are written by redactError(); pino's own serialiser would fold causes into the message.
      serializers: { [logFields.error]: (value: unknown) => value },
      mixin: activeIds,
    },
    logDestination ?? destination({ dest: 1, sync: true }),
  );
  return new Logger(root);
}

function activeIds(): Record<string, string> {
  const spanContext = trace.getActiveSpan()?.spanContext();
  if (!spanContext || !isSpanContextValid(spanContext)) return {};
  return { [logFields.traceId]: spanContext.traceId, [logFields.spanId]: spanContext.spanId };
}
