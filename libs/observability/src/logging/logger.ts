import { Injectable } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { INVALID_SPANID, INVALID_TRACEID, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { pino } from 'pino';
import type { Logger as Pino } from 'pino';
import type { ErrorContext } from '../errors/error-reporter.js';
import { isExpected, normalizeError } from '../errors/service-error.js';
import { liveContext } from '../lifecycle/startup-context.js';
import type { LogLevel, ObservabilityOptions } from '../observability.options.js';
import { logFields } from '../semconv.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { isoTimes } from './iso-times.js';
import { standardOutput } from './line-buffer.js';
import { Redaction } from './redaction.js';

export type LogRecordFields = Readonly<Record<string, unknown>>;

/** What the loggers of one application share. */
interface Shared {
  readonly redaction: Redaction;
  readonly flush: () => void;
  /** Takes the errors that Nest's own default handlers only log. */
  report?: (thrown: unknown, context: ErrorContext) => void;
}

/** Contexts under which Nest logs an error that nobody caught, and nothing else. */
const unhandledBy: ReadonlyMap<string, ErrorContext> = new Map([
  ['ExceptionsHandler', { kind: 'http' }],
  ['RpcExceptionsHandler', { kind: 'message' }],
  ['Scheduler', { kind: 'cron' }],
]);

/**
 * One JSON line per call, with the trace and span that are active. Messages and fields are redacted here, at the source. It
 * also is a Nest LoggerService: a trailing string of a Nest call is the context.
 */
@Injectable()
@NotTraced()
export class Logger implements LoggerService {
  constructor(
    private readonly pino: Pino,
    private readonly shared: Shared,
  ) {}

  /** A logger of the same destination whose lines carry this context. */
  child(context: string): Logger {
    return new Logger(this.pino.child({ [logFields.context]: context }), this.shared);
  }

  /** Writes what is buffered. Lines at warn and above never wait, and none waits longer than 20 ms. */
  flush(): void {
    this.shared.flush();
  }

  /** Hands what Nest's default exception handlers log as an error over to a reporter, which writes the line instead. */
  handUnhandledTo(report: (thrown: unknown, context: ErrorContext) => void): void {
    this.shared.report = report;
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
    const unhandled = this.shared.report && unhandledBy.get(String(rest.at(-1)));
    // A class of the application may be named Scheduler, too: only what was thrown counts, not a text.
    const thrown = unhandled?.kind !== 'cron' || message instanceof Error;
    if (unhandled && thrown && !isExpected(message)) this.shared.report?.(message, unhandled);
    else this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /**
   * A line whose message and fields are safe already: constants, numbers, redacted texts. For lines that are written per request,
   * where looking at every field again is most of the cost. The fields become the line: give an object that is nobody else's.
   *
   * @param at the span that the line belongs to; default: the active one
   */
  writeSafe(level: LogLevel, message: string, fields: Record<string, unknown>, at?: Span): void {
    addIds(fields, at ?? trace.getSpan(liveContext()));
    this.pino[level](fields, message);
  }

  private write(level: LogLevel, message: unknown, rest: readonly unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const { redaction } = this.shared;
    const line: Record<string, unknown> = {};
    addIds(line, trace.getSpan(liveContext()));
    for (const [index, part] of rest.entries()) this.addPart(line, part, index === rest.length - 1);
    if (message instanceof Error) line[logFields.error] ??= redaction.error(message);
    this.pino[level](line, redaction.text(this.messageText(message, line)));
  }

  private addPart(line: Record<string, unknown>, part: unknown, last: boolean): void {
    if (part === undefined || part === null) return;
    const { redaction } = this.shared;
    if (part instanceof Error) {
      line[logFields.error] = redaction.error(part);
    } else if (typeof part === 'string') {
      this.addText(line, part, last);
    } else if (typeof part === 'object' && !Array.isArray(part)) {
      if (isErrorShaped(part)) line[logFields.error] = redaction.error(normalizeError(part));
      else Object.assign(line, redaction.value(part));
    } else {
      line['detail'] = redaction.value(part);
    }
  }

  /** Nest passes (message, stack, context), (message, context): a stack has lines, a context is one word. */
  private addText(line: Record<string, unknown>, text: string, last: boolean): void {
    const safe = this.shared.redaction.text(text);
    if (text.includes('\n    at ')) line[logFields.error] ??= { stack: safe };
    else if (last) line[logFields.context] = safe;
    else line['detail'] = safe;
  }

  private messageText(message: unknown, line: Record<string, unknown>): string {
    if (typeof message === 'string') return message;
    if (message instanceof Error) return message.message;
    if (typeof message === 'object' && message !== null) {
      Object.assign(line, this.shared.redaction.value(message));
      return 'message' in message && typeof message.message === 'string' ? message.message : '';
    }
    return String(message);
  }
}

function isErrorShaped(part: object): boolean {
  return 'stack' in part && 'message' in part && typeof part.stack === 'string';
}

/**
 * The root logger of an application. Given to `NestFactory.create` as `logger`, even the lines before the first provider is
 * there are written by it.
 *
 * @throws Error when a redaction path or pattern cannot be used
 */
export function createLogger(options: ObservabilityOptions): Logger {
  const { serviceName, version, logLevel = 'info', logDestination } = options;
  const output = logDestination === undefined ? standardOutput() : undefined;
  const root = pino(
    {
      level: logLevel,
      base: { [logFields.service]: serviceName, ...(version === undefined ? {} : { [logFields.version]: version }) },
      timestamp: isoTimes(),
      formatters: { level: (label) => ({ level: label }) },
      // Errors are written by redaction.error(); pino's own serialiser would fold causes into the message.
      serializers: { [logFields.error]: (value: unknown) => value },
    },
    logDestination ?? output,
  );
  return new Logger(root, { redaction: new Redaction(options), flush: () => output?.flush() });
}

function addIds(line: Record<string, unknown>, span: Span | undefined): void {
  const spanContext = span?.spanContext();
  // Ids are made by tracers and checked by propagators: what has none has zeros, and looking at every digit again would cost more.
  if (!spanContext || spanContext.traceId === INVALID_TRACEID || spanContext.spanId === INVALID_SPANID) return;
  line[logFields.traceId] = spanContext.traceId;
  line[logFields.spanId] = spanContext.spanId;
}
