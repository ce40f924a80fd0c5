import { cosine } from '../text/embedding.js';

/** 1 − cosine to the centroid of recent ideas, 0..1; everything is new when there are none. */
export function novelty(idea: ArrayLike<number>, recentCentroid: readonly number[] | null): number {
  return recentCentroid === null ? 1 : 1 - Math.min(1, Math.max(0, cosine(idea, recentCentroid)));
}
