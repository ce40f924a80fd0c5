export type Severity = 'expected' | 'unexpected';

export interface ServiceErrorOptions {
  /** The identity of the error across processes, in kebab case. */
  readonly code: string;
  /** `expected` errors are answers (a missing idea); `unexpected` ones are reported. Default: unexpected. */
  readonly severity?: Severity;
  /** Whether the same call may succeed later. Default: false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The base of every error that this platform throws on purpose. */
export class ServiceError extends Error {
  readonly code: string;
  readonly severity: Severity;
  readonly retryable: boolean;

  constructor(message: string, options: ServiceErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.severity = options.severity ?? 'unexpected';
    this.retryable = options.retryable ?? false;
  }
}

/** Anything can be thrown; what is not an Error becomes one whose cause is the thing itself. */
export function normalizeError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (isErrorLike(thrown)) {
    const error = new Error(thrown.message, { cause: thrown });
    error.name = typeof thrown.name === 'string' ? thrown.name : 'Error';
    return error;
  }
  return new Error(typeof thrown === 'string' ? thrown : `thrown value of type ${typeof thrown}`, { cause: thrown });
}

/** Errors of another realm (a vm context, a worker) fail `instanceof` and still are errors. */
function isErrorLike(thrown: unknown): thrown is { message: string; name?: unknown } {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string';
}

/** An expected error is an answer and not a fault: a ServiceError that says so, or an HTTP error below 500. */
export function isExpected(error: unknown): boolean {
  if (error instanceof ServiceError) return error.severity === 'expected';
  const status = httpStatusOf(error);
  return status !== undefined && status < 500;
}

/** The status of Nest's HttpException (by shape, so that two copies of Nest do not matter) or of a Fastify error. */
function httpStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function') {
    const status: unknown = (error.getStatus as () => unknown).call(error);
    return typeof status === 'number' ? status : undefined;
  }
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
