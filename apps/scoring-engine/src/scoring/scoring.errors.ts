import { ServiceError } from '@signalpress/observability';

/** There is no score of this idea; answered with 404. */
export class ScoreNotFound extends ServiceError {
  constructor(ideaId: string) {
    super(`There is no score of idea ${ideaId}.`, { code: 'score-not-found', severity: 'expected', retryable: false });
  }
}
