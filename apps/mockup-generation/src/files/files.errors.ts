import { UnavailableError } from '@signalpress/messaging';

/** The disk that holds the files has no room; work waits until somebody makes some. */
export class StoreFullError extends UnavailableError {
  constructor(cause: unknown) {
    super('the file store has no room', { code: 'file-store-full', cause });
  }
}

/** Whether something thrown is a system error with one of the codes. */
export function isNodeError(thrown: unknown, ...codes: string[]): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && codes.includes(String(thrown.code));
}
