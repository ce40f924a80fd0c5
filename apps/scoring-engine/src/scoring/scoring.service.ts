import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { ListingCopy, SafetyFinding } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import { Metrics, semconv, setSpanAttributes } from '@signalpress/observability';
import type { Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import type { ScoredSignal, ScoreInputs } from '../score/inputs.js';
import { embedIdea, score } from '../score/score.js';
import type { Score } from '../score/score.js';
import { findingsIn } from '../safety/safety.js';
import type { WordLists } from '../safety/safety.js';
import { embeddingVersion } from '../text/embedding.js';
import { copyOf, topicsOf } from '../wording/copy.js';
import { phraseOf } from '../wording/phrase.js';
import { ScoreNotFound } from './scoring.errors.js';
import { ideaScore, ideaSignals, ideasScoredTotal, safetyFindings } from './scoring.metrics.js';
import { ScoringRepository } from './scoring.repository.js';
import type { IdeaToScore, StoredScore } from './scoring.repository.js';
import type { ScoringTables } from './scoring.tables.js';
import { StatisticsRepository } from './statistics.repository.js';

type Tx = Transaction<ScoringTables>;

/** What an idea prints and says about itself, and what a person should look at in it. */
export interface Wording {
  readonly phrase: string;
  readonly copy: ListingCopy;
  readonly topics: string[];
  readonly safety: SafetyFinding[];
}

/** A stored score beside what its inputs give today. */
export interface Recomputation {
  readonly stored: StoredScore;
  readonly recomputed: Score;
  readonly equal: boolean;
}

/** Scores ideas, writes their wording, and tells of it. */
@Injectable()
export class ScoringService {
  constructor(
    private readonly repository: ScoringRepository,
    private readonly statistics: StatisticsRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Scores the idea as it is now; a closed idea too, so that everybody learns which signals belong to it. */
  async score(tx: Tx, ideaId: string, lists: WordLists): Promise<void> {
    const idea = await this.repository.ideaToScore(tx, ideaId);
    if (idea === undefined) return;
    const asOf = this.clock.now();
    const inputs: ScoreInputs = {
      embeddingVersion,
      asOf: asOf.toISOString(),
      signals: [...idea.signals],
      statistics: await this.statistics.snapshot(tx, ideaId, idea.signals, asOf),
      weights: await this.repository.currentWeights(tx),
    };
    const result = score(inputs);
    const wording = wordingOf(ideaId, idea.signals, lists);
    const revision = await this.repository.nextRevision(tx, ideaId, embedIdea(idea.signals));
    await this.repository.addScore(tx, {
      idea_id: ideaId,
      revision,
      score: result.score,
      breakdown: [...result.breakdown],
      weights_version: inputs.weights.version,
      as_of: asOf,
      inputs,
      ...wording,
    });
    await this.publish(tx, idea, revision, { inputs, result, wording });
    this.observe(idea, revision, result, wording);
  }

  /** @throws ScoreNotFound */
  async find(ideaId: string): Promise<StoredScore> {
    const stored = await this.repository.find(ideaId);
    if (stored === undefined) throw new ScoreNotFound(ideaId);
    return stored;
  }

  /**
   * Computes the newest score again from its stored inputs; it writes nothing.
   *
   * @throws ScoreNotFound
   */
  async recompute(ideaId: string): Promise<Recomputation> {
    const stored = await this.find(ideaId);
    const recomputed = score(stored.inputs);
    const equal = recomputed.score === stored.score && isDeepStrictEqual(recomputed.breakdown, stored.breakdown);
    return { stored, recomputed, equal };
  }

  private async publish(
    tx: Tx,
    idea: IdeaToScore,
    revision: number,
    { inputs, result, wording }: { inputs: ScoreInputs; result: Score; wording: Wording },
  ): Promise<void> {
    await this.outbox.publish(tx, 'ideas.scored', {
      ideaId: idea.id,
      revision,
      foundingSignalId: idea.foundingSignalId,
      foundingCapturedAt: idea.foundingCapturedAt.toISOString(),
      signalIds: idea.signals.map(({ signalId }) => signalId),
      score: result.score,
      breakdown: [...result.breakdown],
      weightsVersion: inputs.weights.version,
      asOf: inputs.asOf,
      duplicateOf: idea.duplicateOf,
      ...wording,
    });
  }

  private observe(idea: IdeaToScore, revision: number, result: Score, { safety }: Wording): void {
    setSpanAttributes({ [semconv.attributeNames.ideaId]: idea.id });
    this.metrics
      .counter(ideasScoredTotal)
      .inc({ revision: revision === 1 ? 'first' : 'later', duplicate: idea.duplicateOf === null ? 'no' : 'yes' });
    this.metrics.histogram(ideaScore).observe(result.score);
    this.metrics.histogram(ideaSignals).observe(idea.signals.length);
    for (const { rule } of safety) this.metrics.counter(safetyFindings).inc({ rule });
  }
}

/** Phrase, listing copy, topics and safety findings of an idea; a pure function of its texts and the lists. */
export function wordingOf(ideaId: string, signals: readonly ScoredSignal[], lists: WordLists): Wording {
  const phrase = phraseOf(ideaId, signals);
  const copy = copyOf(ideaId, phrase, signals);
  const safety = findingsIn(
    [
      { where: 'phrase', text: phrase },
      { where: 'title', text: copy.title },
      { where: 'tags', text: copy.tags.join(' | ') },
      ...signals.map(({ title }) => ({ where: 'source title', text: title })),
      ...signals.map(({ summary }) => ({ where: 'source summary', text: summary })),
    ],
    lists,
  );
  return { phrase, copy, topics: topicsOf(signals), safety };
}
