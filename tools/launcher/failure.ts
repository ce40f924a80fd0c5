/** Something the person at the terminal can act on: shown as one line, without a stack, before the exit code 1. */
export class LaunchError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LaunchError';
  }
}

/** One line for a person: the message alone for a known failure, the stack for a fault of ours. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = error instanceof LaunchError || error.name === 'EmbeddedPostgresError';
  return known ? error.message : (error.stack ?? error.message);
}
