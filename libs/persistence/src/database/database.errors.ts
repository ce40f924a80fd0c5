/** How many `cause` links are followed; a longer chain is a loop or nobody's business. */
const CAUSE_DEPTH = 5;

/** Node's socket and name lookup errors that mean "the server cannot be reached just now". */
const SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
]);

/**
 * SQLSTATEs of a server that cannot work just now: 08 connection, 53 resources (connections, memory, disk), 57P0x shut
 * down or starting, 25006 a standby that took over the address.
 */
const UNAVAILABLE_STATE = /^(08...|53...|57P0[1235]|25006)$/;

/** What pg, its pool and kysely say without any code when a connection was lost, refused in time, or closed by us. */
const UNAVAILABLE_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Query read timeout',
  'Cannot use a pool after calling end',
  'driver has already been destroyed',
  'Postgres connection has been discarded',
];

interface CodedError {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

const isObject = (value: unknown): value is CodedError => typeof value === 'object' && value !== null;

function* causes(thrown: unknown): Generator<CodedError> {
  let current = thrown;
  for (let depth = 0; depth < CAUSE_DEPTH && isObject(current); depth++) {
    yield current;
    current = current.cause;
  }
}

/** The SQLSTATE (or Node error code) of a thrown value or of its nearest cause that has one. */
export function errorCode(thrown: unknown): string | undefined {
  for (const error of causes(thrown)) if (typeof error.code === 'string') return error.code;
  return undefined;
}

/**
 * Whether the database (or the way to it) failed rather than the statement: connection refused, reset or lost, server
 * starting or stopping, out of connections, pool exhausted. Such work is worth repeating later, unchanged.
 */
export function isUnavailable(thrown: unknown): boolean {
  for (const { code, message } of causes(thrown)) {
    if (typeof code === 'string' && (SOCKET_CODES.has(code) || UNAVAILABLE_STATE.test(code))) return true;
    if (typeof message === 'string' && UNAVAILABLE_MESSAGES.some((known) => message.startsWith(known))) return true;
  }
  return false;
}

/** SQLSTATE of a connection that failed. */
const CONNECTION_FAILURE = '08006';

/**
 * Gives the errors by which pg says in words alone that a connection failed, or was not to be had in time, the code for it: who
 * answers a request judges by codes, and knows no database.
 */
export function coded(thrown: unknown): unknown {
  if (isObject(thrown) && errorCode(thrown) === undefined && isUnavailable(thrown)) {
    Object.assign(thrown, { code: CONNECTION_FAILURE });
  }
  return thrown;
}

/** Whether a unique (or primary key) constraint refused the row; with `constraint`, whether that very constraint did. */
export function isUniqueViolation(thrown: unknown, constraint?: string): boolean {
  for (const error of causes(thrown)) {
    if (error.code === '23505') return constraint === undefined || error.constraint === constraint;
  }
  return false;
}

/** Serialization failure or deadlock: the same transaction may well succeed when it is run again. */
export function isRetryableConflict(thrown: unknown): boolean {
  const code = errorCode(thrown);
  return code === '40001' || code === '40P01';
}
