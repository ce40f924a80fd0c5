import { ServiceError } from '@signalpress/observability';
import { errorCode, isUnavailable } from '@signalpress/persistence';

interface FaultOptions {
  /** Stable, e.g. `artwork-too-large`. */
  readonly code?: string;
  readonly cause?: unknown;
}

/** The work can never succeed as it is (schema, invariant): it is not tried again. */
export class PoisonError extends ServiceError {
  constructor(message: string, options: FaultOptions = {}) {
    super(message, { code: options.code ?? 'poison', severity: 'unexpected', retryable: false, ...causeOf(options) });
  }
}

/** Something that the work needs is away (database, marketplace, 429): it waits and tries again without limit. */
export class UnavailableError extends ServiceError {
  /** The earliest moment to try again, in milliseconds from now, if the other side told. */
  readonly retryAfterMs?: number;

  constructor(message: string, options: FaultOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, { code: options.code ?? 'unavailable', severity: 'expected', retryable: true, ...causeOf(options) });
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** Somebody else holds the lease by now; what we did is rolled back, and they do it. */
export class FencedError extends ServiceError {
  constructor(what: string) {
    super(`${what} is another's by now`, { code: 'fenced', severity: 'expected', retryable: false });
  }
}

/** An event that its own producer must not send. */
export class InvalidEventError extends ServiceError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code: 'invalid-event', severity: 'unexpected', retryable: false, ...causeOf(options) });
  }
}

/** A job that no worker here can take. */
export class InvalidJobError extends ServiceError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code: 'invalid-job', severity: 'unexpected', retryable: false, ...causeOf(options) });
  }
}

/**
 * What a failure asks for: `poison` goes to the dead letters at once, `unavailable` waits without limit, `conflict` (two
 * transactions met) runs again at once and does not count, `fenced` is dropped, `unknown` gets a bounded number of attempts.
 */
export type Fault = 'poison' | 'unavailable' | 'conflict' | 'fenced' | 'unknown';

const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01']);

export function classify(error: unknown): Fault {
  if (error instanceof FencedError) return 'fenced';
  if (error instanceof PoisonError) return 'poison';
  if (error instanceof UnavailableError || isUnavailable(error)) return 'unavailable';
  const code = errorCode(error);
  return code !== undefined && CONFLICTS.has(code) ? 'conflict' : 'unknown';
}

function causeOf(options: { readonly cause?: unknown }): { cause?: unknown } {
  return options.cause === undefined ? {} : { cause: options.cause };
}
