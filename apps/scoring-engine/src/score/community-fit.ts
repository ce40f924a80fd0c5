import { cosine } from '../text/embedding.js';

/** What sold: the direction its texts share, weighted by sales, and over how many ideas. */
export interface SoldStatistics {
  readonly ideas: number;
  readonly centroid: readonly number[] | null;
}

/** A cosine at which two texts are clearly about the same kind of thing; more is not a better fit. */
const clearLikeness = 0.4;
/** As many sold ideas as it takes for their say to weigh as much as not knowing. */
const priorIdeas = 5;

/**
 * Likeness to what sold, 0..1: 0.5 in a shop that has sold nothing, and moving from there as sales gather, so that the
 * first sale does not overturn every score.
 */
export function communityFit(idea: ArrayLike<number>, sold: SoldStatistics): number {
  if (sold.centroid === null || sold.ideas === 0) return 0.5;
  const likeness = Math.min(1, Math.max(0, cosine(idea, sold.centroid)) / clearLikeness);
  return (priorIdeas * 0.5 + sold.ideas * likeness) / (priorIdeas + sold.ideas);
}
