import { describe, expect, it } from '@jest/globals';
import { eventCatalog } from '@signalpress/contracts';
import type { EventData } from '@signalpress/contracts';
import fc from 'fast-check';
import { foldIdea, unknownIdea } from './idea.fold.js';
import type { FoldedType } from './idea.fold.js';
import type { IdeaRow } from './read-model.tables.js';

const example = <T extends FoldedType>(type: T): EventData<T> =>
  eventCatalog[type].schema.parse(eventCatalog[type].example) as EventData<T>;
const ideaId = example('ideas.scored').ideaId;
const start = unknownIdea(ideaId, new Date(0));

type Step = (idea: IdeaRow) => IdeaRow;
const at = (minute: number): string => `2026-05-04T10:${String(minute).padStart(2, '0')}:00.000Z`;
const step =
  <T extends FoldedType>(type: T, data: Partial<EventData<T>> = {}): Step =>
  (idea) =>
    foldIdea(idea, type, { ...example(type), ...data });
const fold = (steps: readonly Step[]): IdeaRow => steps.reduce((idea, apply) => apply(idea), start);

const scored = step('ideas.scored', { asOf: at(1), foundingCapturedAt: at(0) });
const held = step('ideas.decided', { decision: 'held', rule: 'safety-person', heldFor: 'reviewer', decidedAt: at(2) });
const approved = step('ideas.decided', { decision: 'approved', rule: 'by-hand', decidedAt: at(4) });
const requested = step('mockups.requested', { attempt: 1, requestedAt: at(4) });
const generated = step('mockups.generated', { attempt: 1, generatedAt: at(5) });
const published = step('listings.published', {
  publishedAt: at(7),
  foundingCapturedAt: at(0),
  heldSeconds: 120,
});
const republished = step('listings.published', {
  publishedAt: at(20),
  foundingCapturedAt: at(0),
  heldSeconds: 120,
  listingId: 'another',
});

describe('foldIdea', () => {
  it('measures publish latency from capture to the first listing, without the time held', () => {
    const idea = fold([scored, held, approved, requested, generated, published]);
    expect(idea).toMatchObject({ outcome: 'listed', publish_latency_ms: 5 * 60_000, held_seconds: 120 });
  });

  it('is not moved by repeated or later listings', () => {
    expect(fold([published, republished, published])).toEqual(fold([published]));
  });

  it('takes the earliest listing, whichever is heard of first', () => {
    expect(fold([republished, published])).toEqual(fold([published, republished]));
  });

  it('is never negative, whatever the clocks of the hosts say', () => {
    const skewed = step('listings.published', { publishedAt: at(0), foundingCapturedAt: at(1), heldSeconds: 0 });
    expect(fold([skewed]).publish_latency_ms).toBe(0);
  });

  it('gives the same result for any order of events, with any of them repeated', () => {
    const failedFirst = step('mockups.failed', { attempt: 1, failedAt: at(6), code: 'superseded' });
    const second = step('mockups.requested', { attempt: 2, requestedAt: at(8) });
    const secondGenerated = step('mockups.generated', { attempt: 2, generatedAt: at(9) });
    const rescored = step('ideas.scored', { revision: 2, score: 0.9, asOf: at(3), foundingCapturedAt: at(0) });
    const withdrawn = step('listings.withdrawn', { withdrawnAt: at(30) });
    const all = [scored, rescored, held, approved, requested, second, generated, secondGenerated, failedFirst];
    const more = [...all, published, republished, withdrawn];
    const expected = fold(more);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(more, { minLength: more.length }),
        fc.array(fc.constantFrom(...more), { maxLength: 8 }),
        (shuffled, again) => {
          expect(fold([...shuffled, ...again])).toEqual(expected);
        },
      ),
    );
  });
});

describe('outcome', () => {
  const decision = (data: Partial<EventData<'ideas.decided'>>): Step =>
    step('ideas.decided', { decidedAt: at(3), ...data });
  const other = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b02';

  it.each<[string, Step[], string, string | null]>([
    ['nothing decided', [scored], 'pending', null],
    ['approved', [scored, approved], 'pending', null],
    ['held', [scored, held], 'held', 'reviewer'],
    ['rejected', [decision({ decision: 'rejected', rule: 'score-threshold' })], 'rejected', 'score-threshold'],
    ['duplicate', [decision({ decision: 'rejected', rule: 'duplicate', duplicateOf: other })], 'duplicate', other],
    ['deferred', [decision({ decision: 'deferred', deferredUntil: at(59) })], 'deferred', at(59)],
    [
      'mockups failed',
      [approved, requested, step('mockups.failed', { code: 'glyph-missing' })],
      'failed',
      'glyph-missing',
    ],
    [
      'a failure of a superseded attempt',
      [approved, step('mockups.requested', { attempt: 2 }), step('mockups.failed', { attempt: 1 })],
      'pending',
      null,
    ],
    ['listing failed', [approved, step('listings.failed')], 'failed', 'title-too-long'],
    ['listed after all', [approved, step('listings.failed'), published], 'listed', null],
    ['withdrawn', [approved, published, step('listings.withdrawn', { withdrawnAt: at(50) })], 'listed', 'withdrawn'],
    ['withdrawn before it was listed', [approved, step('listings.withdrawn')], 'rejected', 'withdrawn'],
    ['a hold that is heard of after the approval', [approved, held], 'pending', null],
  ])('%s', (_name, steps, outcome, detail) => {
    expect(fold(steps)).toMatchObject({ outcome, outcome_detail: detail });
  });
});
