import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide } from './policy.js';
import type { Candidate, Policy } from './policy.js';

const policy: Policy = { approvalThreshold: 0.55, dailyListingBudget: 50 };
const nextDayStart = new Date('2026-05-05T00:00:00.000Z');
const unused = { approvedToday: 0, nextDayStart };
const otherIdea = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b02';
const good: Candidate = { score: 0.71, safety: [], duplicateOf: null };
const person = { rule: 'person' as const, term: 'ada lovelace', explanation: 'names a person' };

describe('decide', () => {
  it('approves at the threshold and rejects just below it', () => {
    expect(decide({ ...good, score: 0.55 }, policy, unused)).toMatchObject({
      decision: 'approved',
      rule: 'score-threshold',
      reason: 'score 0.55 is at least the threshold 0.55',
    });
    expect(decide({ ...good, score: 0.5499999 }, policy, unused)).toMatchObject({
      decision: 'rejected',
      rule: 'score-threshold',
      duplicateOf: null,
      reason: 'score 0.549 is below the threshold 0.55',
    });
  });

  it('holds doubtful wording for a reviewer and names the rule and the word', () => {
    const decision = decide({ ...good, safety: [person, { ...person, rule: 'brand' }] }, policy, unused);
    expect(decision).toEqual({
      decision: 'held',
      rule: 'safety-person',
      heldFor: 'reviewer',
      reason: 'person "ada lovelace" (and 1 more): names a person',
    });
  });

  it('rejects a repetition and names what it repeats', () => {
    expect(decide({ ...good, duplicateOf: otherIdea }, policy, unused)).toMatchObject({
      decision: 'rejected',
      rule: 'duplicate',
      duplicateOf: otherIdea,
    });
  });

  it('defers to the next shop day when the budget is used up', () => {
    expect(decide(good, policy, { approvedToday: 49, nextDayStart })).toMatchObject({ decision: 'approved' });
    expect(decide(good, policy, { approvedToday: 50, nextDayStart })).toMatchObject({
      decision: 'deferred',
      rule: 'daily-budget',
      deferredUntil: nextDayStart,
    });
  });

  it('asks the rules in order: wording, repetition, score, budget', () => {
    const usedUp = { approvedToday: 50, nextDayStart };
    const everything: Candidate = { score: 0.1, safety: [person], duplicateOf: otherIdea };
    expect(decide(everything, policy, usedUp).rule).toBe('safety-person');
    expect(decide({ ...everything, safety: [] }, policy, usedUp).rule).toBe('duplicate');
    expect(decide({ ...everything, safety: [], duplicateOf: null }, policy, usedUp).rule).toBe('score-threshold');
    expect(decide(good, policy, usedUp).rule).toBe('daily-budget');
  });

  it('never approves what a person has to see, what repeats, what scores too low, or what is over budget', () => {
    const safety: Candidate['safety'][] = [[], [person]];
    const candidates = fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      safety: fc.constantFrom(...safety),
      duplicateOf: fc.constantFrom(null, otherIdea),
    });
    fc.assert(
      fc.property(candidates, fc.nat(100), (candidate, approvedToday) => {
        const approved = decide(candidate, policy, { approvedToday, nextDayStart }).decision === 'approved';
        const allowed =
          candidate.safety.length === 0 &&
          candidate.duplicateOf === null &&
          candidate.score >= policy.approvalThreshold &&
          approvedToday < policy.dailyListingBudget;
        expect(approved).toBe(allowed);
      }),
    );
  });
});
