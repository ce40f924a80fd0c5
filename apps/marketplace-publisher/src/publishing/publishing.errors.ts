import { ServiceError } from '@signalpress/observability';

/** The marketplace refuses what it was asked; the same again would be refused again. */
export class RefusedError extends ServiceError {
  constructor(
    message: string,
    readonly status: number,
    code = 'marketplace-refused',
  ) {
    super(message, { code, severity: 'expected', retryable: false });
  }
}

/** The preview that a listing is to show cannot be had: it is missing, or its bytes are not those that were promised. */
export class PreviewError extends ServiceError {
  constructor(message: string) {
    super(message, { code: 'preview-unusable', severity: 'unexpected', retryable: false });
  }
}
