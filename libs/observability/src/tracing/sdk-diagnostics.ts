import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { DiagLogger } from '@opentelemetry/api';
import { Logger } from '../logging/logger.js';
import { readDiagnosticLevel } from './environment.js';
import type { DiagnosticLevel } from './environment.js';
import { NotTraced } from './traced.decorator.js';

const levels: Readonly<Record<DiagnosticLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/** A collector that is away fails each batch; the same complaint is written once in this time. */
const REPEAT_AFTER_MS = 60_000;
const MAX_REMEMBERED = 100;

/** What the OpenTelemetry SDK has to complain about (spans that could not be sent), as log lines. */
@Injectable()
@NotTraced()
export class SdkDiagnostics implements OnModuleInit, OnApplicationShutdown {
  private readonly logger: Logger;
  private readonly writtenAt = new Map<string, number>();

  constructor(logger: Logger) {
    this.logger = logger.child('OpenTelemetry');
  }

  onModuleInit(): void {
    diag.setLogger(this.destination(), {
      logLevel: levels[readDiagnosticLevel()],
      suppressOverrideMessage: true,
    });
  }

  onApplicationShutdown(): void {
    diag.disable();
  }

  private destination(): DiagLogger {
    return {
      // Lost telemetry is nothing that somebody must be woken for: a warning.
      error: (message) => this.write('warn', message),
      warn: (message) => this.write('warn', message),
      info: (message) => this.write('log', message),
      debug: (message) => this.write('debug', message),
      verbose: (message) => this.write('verbose', message),
    };
  }

  private write(level: 'warn' | 'log' | 'debug' | 'verbose', message: string): void {
    const summary = summaryOf(message);
    const now = performance.now();
    // Attempts, ports and waits differ each time: they make no new complaint.
    const complaint = summary.replace(/[\d.]+/g, '#');
    if (now - (this.writtenAt.get(complaint) ?? -Infinity) < REPEAT_AFTER_MS) return;
    if (this.writtenAt.size >= MAX_REMEMBERED) this.writtenAt.clear();
    this.writtenAt.set(complaint, now);
    this.logger[level](summary);
  }
}

/** The SDK's error handler writes errors as JSON with a stack; the message is what helps. */
function summaryOf(message: string): string {
  try {
    const parsed: unknown = JSON.parse(message);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed)
      return String(parsed.message).slice(0, 500);
  } catch {
    // Not JSON: a plain message.
  }
  return message.slice(0, 500);
}
