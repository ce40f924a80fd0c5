export type EmbeddedPostgresErrorCode = 'port-taken' | 'other-major' | 'permission' | 'disk-full' | 'start-failed';

/** The embedded server cannot be had; the message is one line that says what is wrong and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** By shape: an error of another realm (Jest runs specs in one) is no instance of our Error. */
export const nodeErrorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** Names a failed file operation by what a person can do about it. */
export function fileError(error: unknown, path: string): EmbeddedPostgresError {
  if (error instanceof EmbeddedPostgresError) return error;
  const code = nodeErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new EmbeddedPostgresError(
      'permission',
      `${path} cannot be written (${code}): make it writable for this user, or choose another data directory`,
      { cause: error },
    );
  }
  return new EmbeddedPostgresError('start-failed', `PostgreSQL cannot use ${path}: ${messageOf(error)}`, {
    cause: error,
  });
}

export const diskFull = (path: string, cause?: unknown): EmbeddedPostgresError =>
  new EmbeddedPostgresError('disk-full', `No space left on the device of ${path}: free some and start again`, {
    cause,
  });
