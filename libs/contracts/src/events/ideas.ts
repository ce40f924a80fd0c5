import { z } from 'zod';
import { listingCopy, timestamp, uuid } from './common.js';
import { defineEvent } from './event.js';

export const scoreFactor = z.enum(['freshness', 'engagement', 'novelty', 'communityFit', 'seasonality']);
export type ScoreFactor = z.output<typeof scoreFactor>;

/** One factor's part in a score; the contributions of a breakdown add up to the score. */
export const factorScore = z.object({
  factor: scoreFactor,
  /** 0..1 */
  value: z.number().min(0).max(1),
  /** Share of this factor, 0..1; the weights of a breakdown add up to 1. */
  weight: z.number().min(0).max(1),
  /** value × weight */
  contribution: z.number().min(0).max(1),
  explanation: z.string().max(300),
});
export type FactorScore = z.output<typeof factorScore>;

/** Something about the wording that a person has to look at before it is printed. */
export const safetyFinding = z.object({
  rule: z.enum(['person', 'brand', 'tragedy', 'insult', 'word-list-missing']),
  term: z.string().max(100),
  explanation: z.string().max(300),
});
export type SafetyFinding = z.output<typeof safetyFinding>;

export const ideasScored = defineEvent({
  version: '1.0',
  description: 'A group of signals became an idea, or an undecided idea was scored again.',
  key: 'ideaId',
  schema: z.object({
    ideaId: uuid,
    /** 1 for the first score; grows with every new score of the same idea. */
    revision: z.int().positive(),
    /** The signal that opened the idea. */
    foundingSignalId: uuid,
    foundingCapturedAt: timestamp,
    /** All signals of the idea, the founding one first. */
    signalIds: z.array(uuid).min(1).max(500),
    topics: z.array(z.string().min(1).max(60)).max(20),
    /** What the design prints: at most 6 words. */
    phrase: z.string().min(1).max(80),
    copy: listingCopy,
    /** Weighted mean of the factors, 0..1. */
    score: z.number().min(0).max(1),
    breakdown: z.array(factorScore).min(1),
    weightsVersion: z.int().positive(),
    asOf: timestamp,
    safety: z.array(safetyFinding).max(50),
    /** The decided idea that says the same, or null: two listings of one idea help nobody. */
    duplicateOf: uuid.nullable(),
  }),
  example: {
    ideaId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01',
    revision: 1,
    foundingSignalId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01',
    foundingCapturedAt: '2026-05-04T09:30:00.000Z',
    signalIds: ['5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01'],
    topics: ['gardening', 'balcony'],
    phrase: 'Strawberries Above the Street',
    copy: {
      title: 'Strawberries Above the Street – balcony gardening gift',
      description: 'For people who grow strawberries where others keep bicycles.',
      tags: ['gardening', 'balcony', 'strawberries'],
    },
    score: 0.71,
    breakdown: [
      { factor: 'freshness', value: 0.9, weight: 0.5, contribution: 0.45, explanation: 'published 1.5 hours before' },
      { factor: 'novelty', value: 0.52, weight: 0.5, contribution: 0.26, explanation: 'unlike recent ideas' },
    ],
    weightsVersion: 1,
    asOf: '2026-05-04T09:30:02.000Z',
    safety: [],
    duplicateOf: null,
  },
});

export const ideasDecided = defineEvent({
  version: '1.0',
  description:
    'An idea was approved, held for a person, deferred for budget, or rejected. Approval and rejection are final.',
  key: 'ideaId',
  schema: z.object({
    ideaId: uuid,
    revision: z.int().positive(),
    decision: z.enum(['approved', 'held', 'deferred', 'rejected']),
    /** The rule that decided, e.g. `score-threshold`, `safety-person`, `duplicate`, `daily-budget`, `by-hand`. */
    rule: z.string().min(1).max(60),
    reason: z.string().min(1).max(500),
    /** Who has to act on a held idea; null otherwise. */
    heldFor: z.enum(['reviewer']).nullable(),
    /** When a deferred idea is looked at again; null otherwise. */
    deferredUntil: timestamp.nullable(),
    /** The idea that a rejected duplicate repeats; null otherwise. */
    duplicateOf: uuid.nullable(),
    /** `policy`, or the name of the person who decided. */
    decidedBy: z.string().min(1).max(100),
    decidedAt: timestamp,
  }),
  example: {
    ideaId: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01',
    revision: 1,
    decision: 'approved',
    rule: 'score-threshold',
    reason: 'score 0.71 is at least the threshold 0.55',
    heldFor: null,
    deferredUntil: null,
    duplicateOf: null,
    decidedBy: 'policy',
    decidedAt: '2026-05-04T09:30:02.200Z',
  },
});
