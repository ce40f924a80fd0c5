import { cosine } from '../text/embedding.js';
import type { Embedding } from '../text/embedding.js';

/** What the test for "says the same" looks at. */
export interface Statement {
  /** Distinct stems of the title's words that carry meaning. */
  readonly stems: readonly string[];
  readonly embedding: Embedding;
}

/** Likeness of the whole texts that two statements of one idea have at least. */
export const minCosine = 0.4;
/** Part of the shorter title's words that two statements of one idea share at least. */
export const minOverlap = 0.5;
const minSharedWords = 2;

/** Share of the shorter list's words that the other has too, 0..1. */
export function overlap(a: readonly string[], b: readonly string[]): number {
  const other = new Set(b);
  const shared = a.filter((word) => other.has(word)).length;
  return shared / Math.max(1, Math.min(a.length, b.length));
}

/**
 * How alike two statements are when they say the same, otherwise undefined. Both tests have to agree: texts on one topic
 * have a high cosine, and titles in one style share words, without saying the same.
 */
export function sameIdea(a: Statement, b: Statement): number | undefined {
  const similarity = cosine(a.embedding, b.embedding);
  const share = overlap(a.stems, b.stems);
  const shared = Math.round(share * Math.min(a.stems.length, b.stems.length));
  // A title of one word says too little to be met by one word.
  const enough = shared >= minSharedWords || (shared === 1 && a.stems.length === 1 && b.stems.length === 1);
  return similarity >= minCosine && share >= minOverlap && enough ? similarity : undefined;
}

/** The most alike of the candidates that say the same; the earlier one when two are equally alike. */
export function mostAlike<T extends Statement>(statement: Statement, candidates: readonly T[]): T | undefined {
  let found: { candidate: T; similarity: number } | undefined;
  for (const candidate of candidates) {
    const similarity = sameIdea(statement, candidate);
    if (similarity !== undefined && similarity > (found?.similarity ?? -1)) found = { candidate, similarity };
  }
  return found?.candidate;
}
