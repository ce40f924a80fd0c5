import type { ErrorReporter } from '../errors/error-reporter.js';

/**
 * The reporter of the application that an object belongs to. A method that a scheduler calls knows its receiver and nothing else;
 * keyed by it, two applications in one process stay apart.
 */
const reporters = new WeakMap<object, ErrorReporter>();

export function reportWith(receiver: object, reporter: ErrorReporter): void {
  reporters.set(receiver, reporter);
}

/** Reports what ended a run, to the application of the receiver; does nothing when that has no reporter. */
export function reportScheduled(receiver: unknown, error: unknown, name: string): void {
  if (typeof receiver === 'object' && receiver !== null) reporters.get(receiver)?.report(error, { kind: 'cron', name });
}
