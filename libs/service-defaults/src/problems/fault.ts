import { HttpException } from '@nestjs/common';
import { ServiceError } from '@signalpress/observability';
import type { FieldError } from './problem-details.js';
import { InvalidRequest } from './validation.pipe.js';

/** What an error means to the caller and to the operator. */
export interface Fault {
  status: number;
  code?: string | undefined;
  detail?: string | undefined;
  errors?: readonly FieldError[] | undefined;
  retryAfterSeconds?: number | undefined;
  /** `report`: a defect, somebody must look; `warn`: something that we depend on is away; `none`: the caller's business. */
  attention: 'report' | 'warn' | 'none';
}

const defaultRetryAfterSeconds = 5;
/** Connection failures of Node, and SQLSTATE classes 08 (connection), 53 (resources) and 57P (shutdown), 25006 (standby). */
const unavailableCode =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)UNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|08...|53...|57P0[1-5]|25006)$/;
const causesFollowed = 5;

/** Classes anything thrown. Inner wording of a 500 never gets out. */
export function faultOf(error: unknown): Fault {
  if (error instanceof InvalidRequest) {
    return { status: 400, code: 'invalid-request', detail: error.message, errors: error.errors, attention: 'none' };
  }
  if (error instanceof HttpException) return fromHttpException(error);
  if (error instanceof ServiceError) return fromServiceError(error);
  const framework = frameworkStatus(error);
  if (framework !== undefined) return framework;
  if (connectionFailureOf(error) !== undefined) {
    return {
      status: 503,
      detail: 'A dependency does not answer; try again.',
      retryAfterSeconds: defaultRetryAfterSeconds,
      attention: 'warn',
    };
  }
  if (isCanceled(error)) {
    // Too much to do, or a statement that is too slow: the caller may try again, and somebody should look.
    return {
      status: 503,
      detail: 'This took too long; try again.',
      retryAfterSeconds: defaultRetryAfterSeconds,
      attention: 'report',
    };
  }
  return unexpected();
}

/** SQLSTATE query_canceled: the database ended a statement at its time limit. */
const isCanceled = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '57014';

/** The failed connection behind an error, searched through its causes; undefined when there is none. */
export function connectionFailureOf(error: unknown): { message: string } | undefined {
  let current: unknown = error;
  // By shape and not by class: an error of Node's own may come from another realm.
  for (let depth = 0; depth < causesFollowed && typeof current === 'object' && current !== null; depth += 1) {
    const { code, message, cause, errors }: ErrorShape = current;
    if (typeof code === 'string' && unavailableCode.test(code)) {
      return { message: typeof message === 'string' && message !== '' ? message : code };
    }
    current = Array.isArray(errors) ? errors[0] : cause;
  }
  return undefined;
}

interface ErrorShape {
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  errors?: unknown;
}

const unexpected = (): Fault => ({
  status: 500,
  detail: 'Something went wrong here. The trace id leads to the cause.',
  attention: 'report',
});

function fromHttpException(error: HttpException): Fault {
  const status = error.getStatus();
  if (status < 400 || status === 500 || status > 599) return unexpected();
  // Nest's default wording repeats the URL with its query, which may hold a secret.
  const detail =
    status === 404 && error.message.startsWith('Cannot ') ? 'There is nothing at this path.' : error.message;
  return {
    status,
    code: error.errorCode ?? fastifyCode(error.cause),
    detail,
    retryAfterSeconds: status === 503 ? retryAfterOf(error) : undefined,
    attention: status < 500 ? 'none' : 'warn',
  };
}

function fromServiceError(error: ServiceError): Fault {
  if (error.retryable) {
    const retryAfterSeconds = retryAfterOf(error);
    return { status: 503, code: error.code, detail: 'Not now; try again.', retryAfterSeconds, attention: 'warn' };
  }
  if (error.severity === 'unexpected') return unexpected();
  const status = error.code.endsWith('not-found') ? 404 : 422;
  return { status, code: error.code, detail: error.message, attention: 'none' };
}

/** Errors of fastify and its plugins carry the status of the answer; those below 500 are made for the caller to read. */
function frameworkStatus(error: unknown): Fault | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const { statusCode: status } = error;
  if (status === 503) return { status, retryAfterSeconds: defaultRetryAfterSeconds, attention: 'warn' };
  if (status < 400 || status >= 500) return undefined;
  return { status, code: fastifyCode(error), detail: error.message, attention: 'none' };
}

function fastifyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return fastifyCodes[error.code];
}

const fastifyCodes: Record<string, string> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_BAD_URL: 'malformed-url',
};

function retryAfterOf(error: Error): number {
  const milliseconds =
    'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
  return milliseconds === undefined ? defaultRetryAfterSeconds : Math.max(1, Math.ceil(milliseconds / 1000));
}
