import { describe, expect, it } from '@jest/globals';
import type { Facts } from './facts.ts';
import { violations } from './invariant.ts';
import { subscribers } from './subscriptions.ts';

const event = { id: 'e1', service: 'signal-ingestion', type: 'signals.ingested', meaning: 's1', at: 0 };
const letter = {
  service: 'orchestrator',
  kind: 'event',
  name: 'ideas.scored',
  sourceId: 'p1',
  code: 'unknown-schema-version',
  message: 'We read ideas.scored 1.0',
  replayed: false,
};
const told = { id: 'e3', service: 'orchestrator', type: 'dead-letters', meaning: 'orchestrator event p1', at: 0 };
const listing = { ideaId: 'i1', marketplace: 'storefront', sku: 'SP-1', state: 'published', listingId: 'l1' };

/** Two signals: one listed, one rejected; one piece of poison, buried. */
const sound: Facts = {
  acknowledged: [
    { signalId: 's1', kind: 'listed', result: 'accepted' },
    { signalId: 's2', kind: 'rejected', result: 'accepted' },
    { signalId: 's1', kind: 'duplicate', result: 'duplicate' },
  ],
  stored: ['s1', 's2'],
  outcomes: [
    { signalId: 's1', outcome: 'listed', ideaId: 'i1' },
    { signalId: 's2', outcome: 'rejected', ideaId: 'i2' },
  ],
  grouped: [
    { signalId: 's1', ideaId: 'i1' },
    { signalId: 's2', ideaId: 'i2' },
  ],
  ideas: [
    { ideaId: 'i1', state: 'listed', listingId: 'l1' },
    { ideaId: 'i2', state: 'rejected', listingId: null },
  ],
  publisher: [listing],
  shelf: [{ sku: 'SP-1', listingId: 'l1' }],
  emitted: [event],
  handled: [
    { group: 'scoring-engine', eventId: 'e1' },
    { group: 'monitoring', eventId: 'e1' },
  ],
  poison: [{ group: 'orchestrator', eventId: 'p1' }],
  deadLetters: [letter],
  tellsDeadLetters: false,
  outboxes: [{ service: 'orchestrator', waiting: 0 }],
  jobs: [],
  actedTwice: [],
  outOfOrder: [],
  subscriptions: Object.entries(subscribers).flatMap(([type, groups]) => groups.map((group) => ({ group, type }))),
  unexpectedEnds: [],
  stuckInExit: [],
  orphans: [{ description: 'excused', excused: true, instances: ['orchestrator-1'] }],
  work: [],
};

/** Facts with something wrong, and what has to be said about it. */
const wrong: ReadonlyArray<readonly [string, Partial<Facts>]> = [
  ['signal acknowledged and not stored', { stored: ['s2'] }],
  ['signal without an outcome', { outcomes: sound.outcomes.slice(1) }],
  ['signal with several outcomes', { outcomes: [...sound.outcomes, ...sound.outcomes.slice(0, 1)] }],
  [
    'signal still pending',
    { outcomes: [...sound.outcomes.slice(1), { signalId: 's1', outcome: 'pending', ideaId: null }] },
  ],
  ['signal that no idea has', { grouped: sound.grouped.slice(1) }],
  ['signal in several ideas', { grouped: [...sound.grouped, { signalId: 's2', ideaId: 'i1' }] }],
  ['signal whose idea was not decided', { ideas: sound.ideas.slice(0, 1) }],
  [
    'signal whose idea differs',
    { outcomes: [...sound.outcomes.slice(1), { signalId: 's1', outcome: 'rejected', ideaId: 'i2' }] },
  ],
  ['idea with two listings', { publisher: [listing, { ...listing, sku: 'SP-2', listingId: 'l2' }] }],
  ['SKU with two listings', { shelf: [...sound.shelf, { sku: 'SP-1', listingId: 'l2' }] }],
  ['publisher does not know', { shelf: [...sound.shelf, { sku: 'SP-9', listingId: 'l9' }] }],
  ['not on the storefront', { shelf: [] }],
  [
    'idea listed without its listing',
    { ideas: [{ ideaId: 'i1', state: 'listed', listingId: 'l7' }, ...sound.ideas.slice(1)] },
  ],
  [
    'idea with a listing and not listed',
    { ideas: [{ ideaId: 'i1', state: 'failed', listingId: null }, ...sound.ideas.slice(1)] },
  ],
  [
    'event never handled: signals.ingested e1 of signal-ingestion by monitoring',
    { handled: sound.handled.slice(0, 1) },
  ],
  ['event of an unknown type', { emitted: [{ ...event, type: 'ideas.burnt' }] }],
  ['event left in an outbox: orchestrator: 3', { outboxes: [{ service: 'orchestrator', waiting: 3 }] }],
  ['job not done', { jobs: [{ service: 'mockup-generation', name: 'render', state: 'pending', count: 1 }] }],
  ['group that does not subscribe', { subscriptions: sound.subscriptions?.slice(1) }],
  ['unknown to the drill', { subscriptions: [...(sound.subscriptions ?? []), { group: 'a', type: 'b' }] }],
  ['event handled twice', { handled: [...sound.handled, ...sound.handled.slice(0, 1)] }],
  ['effect told twice', { emitted: [event, { ...event, id: 'e2' }] }],
  ['acted on twice', { actedTwice: ['e1'] }],
  ['pair of events handled in the wrong order', { outOfOrder: ['monitoring handled e2 before e1'] }],
  [
    'dead letter that is no poison',
    { deadLetters: [letter, { ...letter, kind: 'job', name: 'render', sourceId: 'j1' }] },
  ],
  ['dead letter that is no poison', { poison: [] }],
  ['poison without a dead letter', { deadLetters: [] }],
  ['handled and not replayed', { handled: [...sound.handled, { group: 'orchestrator', eventId: 'p1' }] }],
  ['replayed and not handled', { deadLetters: [{ ...letter, replayed: true }] }],
  ['dead letter that was not told', { tellsDeadLetters: true }],
  ['dead letter told that there is not', { emitted: [event, { ...told, meaning: 'orchestrator event p7' }] }],
  ['effect told twice', { emitted: [event, told, { ...told, id: 'e4' }] }],
  ['nobody had asked', { unexpectedEnds: ['monitoring-1 ended by itself'] }],
  ['process stuck in its exit', { stuckInExit: ['scoring-engine-1', 'monitoring-1'] }],
  ['process was not killed', { orphans: [{ description: 'parent of "x"', excused: false, instances: [] }] }],
];

describe('the invariant', () => {
  it('holds for a sound run', () => {
    expect(violations(sound)).toEqual([]);
  });

  it('holds for one process that Node itself did not end', () => {
    expect(violations({ ...sound, stuckInExit: ['scoring-engine-1'] })).toEqual([]);
  });

  it('holds for dead letters that were told once each', () => {
    expect(violations({ ...sound, tellsDeadLetters: true, emitted: [event, told] })).toEqual([]);
  });

  it('holds for poison that was replayed and had its effect', () => {
    const replayed = {
      deadLetters: [{ ...letter, replayed: true }],
      handled: [...sound.handled, { group: 'orchestrator', eventId: 'p1' }],
    };
    expect(violations({ ...sound, ...replayed })).toEqual([]);
  });

  it.each(wrong)('says: %s', (message, change) => {
    expect(violations({ ...sound, ...change }).join('\n')).toContain(message);
  });

  it('names a few of many', () => {
    const stored = ['s1', 's2', ...Array.from({ length: 12 }, (_, index) => `lost-${index}`)];
    expect(violations({ ...sound, stored })[0]).toMatch(/^12 × signal without an outcome: lost-0, .*, and 7 more$/);
  });
});
