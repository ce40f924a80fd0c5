import { Injectable } from '@nestjs/common';
import { ErrorReporter, Logger, Metrics, NotTraced } from '@signalpress/observability';

/** What every part of messaging tells through: log lines, metrics, error reports. */
@Injectable()
@NotTraced()
export class Signals {
  readonly logger: Logger;

  constructor(
    logger: Logger,
    readonly metrics: Metrics,
    readonly reporter: ErrorReporter,
  ) {
    this.logger = logger.child('messaging');
  }

  /** For loops: the first failure of a row, and the recovery. */
  readonly fault = (name: string, error: unknown): void => {
    if (error === undefined) this.logger.info(`${name} works again`);
    else this.logger.warn(`${name} fails, trying on`, { err: error });
  };
}
