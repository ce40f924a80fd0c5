import { scoreFactor } from '@signalpress/contracts';
import type { ScoreFactor } from '@signalpress/contracts';
import { z } from 'zod';

/** Shares of the factors in ten-thousandths; whole numbers, so that they add up to exactly one. */
export const weightUnits = 10_000;
export const factors = scoreFactor.options;

const share = z.int().min(0).max(weightUnits);
const shares = {
  freshness: share,
  engagement: share,
  novelty: share,
  communityFit: share,
  seasonality: share,
} satisfies Record<ScoreFactor, typeof share>;

export const weightShares = z
  .object(shares)
  .refine((weights) => factors.reduce((sum, factor) => sum + weights[factor], 0) === weightUnits, {
    error: `weights add up to ${weightUnits}`,
  });
export type WeightShares = z.output<typeof weightShares>;

/** A version of the weights; a version never changes once a score was made with it. */
export interface Weights {
  readonly version: number;
  readonly shares: WeightShares;
}
