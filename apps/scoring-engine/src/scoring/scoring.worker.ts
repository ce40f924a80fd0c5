import { Worker } from '@signalpress/messaging';
import type { Effect, Job, JobHandler } from '@signalpress/messaging';
import type { Transaction } from '@signalpress/persistence';
import { WordListFiles } from '../safety/word-lists.js';
import { scoreIdeaJob, scoreIdeaPayload } from './scoring.job.js';
import type { ScoreIdeaPayload } from './scoring.job.js';
import { ScoringService } from './scoring.service.js';
import type { ScoringTables } from './scoring.tables.js';

/**
 * Scores an idea when its gather window is over. Everything is read in the transaction that completes the job, so a signal
 * that joins meanwhile either is seen or makes the job run again.
 */
@Worker({ name: scoreIdeaJob, concurrency: 2, payload: scoreIdeaPayload })
export class ScoringWorker implements JobHandler<ScoreIdeaPayload> {
  constructor(
    private readonly scoring: ScoringService,
    private readonly wordLists: WordListFiles,
  ) {}

  async run({ payload }: Job<ScoreIdeaPayload>): Promise<Effect> {
    const lists = await this.wordLists.current();
    return async (tx: Transaction<ScoringTables>) => {
      await this.scoring.score(tx, payload.ideaId, lists);
    };
  }
}
