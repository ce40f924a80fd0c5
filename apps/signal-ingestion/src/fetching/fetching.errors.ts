import { ServiceError } from '@signalpress/observability';

export type FetchFault =
  'source-not-allowed' | 'source-unreachable' | 'source-refused' | 'source-too-large' | 'source-not-text';

/** A source cannot be fetched; the message says why. It is the source's or the caller's doing, so it is answered with 422. */
export class FetchError extends ServiceError {
  constructor(message: string, code: FetchFault, cause?: unknown) {
    super(message, { code, severity: 'expected', retryable: false, ...(cause === undefined ? {} : { cause }) });
  }
}
