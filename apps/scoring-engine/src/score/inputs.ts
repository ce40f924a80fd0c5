import { z } from 'zod';
import { embeddingDimensions, embeddingVersion } from '../text/embedding.js';
import { weightShares } from './weights.js';

const instant = z.iso.datetime();
const vector = z.array(z.number()).length(embeddingDimensions).nullable();

export const scoredSignal = z.object({
  signalId: z.uuid(),
  source: z.string(),
  title: z.string(),
  summary: z.string(),
  topics: z.array(z.string()),
  publishedAt: instant.nullable(),
  capturedAt: instant,
  engagement: z.number().nonnegative().nullable(),
});
export type ScoredSignal = z.output<typeof scoredSignal>;

/**
 * What the world looked like when the idea was scored: everything a factor compares the idea with. It is stored with the
 * score, because the world is another one a minute later.
 */
export const statisticsSnapshot = z.object({
  /** Per source of the idea's signals, over the 7 days before `asOf`. */
  sources: z.record(z.string(), z.object({ samples: z.int(), median: z.number(), mad: z.number() })),
  recent: z.object({ ideas: z.int(), centroid: vector }),
  sold: z.object({ ideas: z.int(), centroid: vector }),
  /** Calendar events that titles and topics name; resolved here so that a newer calendar changes no old score. */
  occasions: z.array(z.object({ name: z.string(), date: z.string(), days: z.int() })),
});
export type StatisticsSnapshot = z.output<typeof statisticsSnapshot>;

/** Everything a score depends on. Equal inputs give an equal score. */
export const scoreInputs = z.object({
  embeddingVersion: z.literal(embeddingVersion),
  asOf: instant,
  signals: z.array(scoredSignal).min(1),
  statistics: statisticsSnapshot,
  weights: z.object({ version: z.int().positive(), shares: weightShares }),
});
export type ScoreInputs = z.output<typeof scoreInputs>;
