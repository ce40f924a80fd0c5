import { ServiceError } from '@signalpress/observability';

/** The document cannot be taken as a feed; the message says what to change. Answered with 422. */
export class FeedError extends ServiceError {
  constructor(message: string, code: 'not-a-feed' | 'damaged-feed' | 'too-many-items') {
    super(message, { code, severity: 'expected', retryable: false });
  }
}
