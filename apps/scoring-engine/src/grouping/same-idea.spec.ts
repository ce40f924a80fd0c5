import { describe, expect, it } from '@jest/globals';
import { embed } from '../text/embedding.js';
import { stems } from '../text/words.js';
import { ideaIdOf } from './idea-id.js';
import { mostAlike, overlap, sameIdea } from './same-idea.js';

const statement = (title: string, summary = '', topics: string[] = []) => ({
  title,
  stems: stems(title),
  embedding: embed({ title, summary, topics }),
});

/** Each list says one thing in several ways; no two lists say the same. */
const ideas = [
  [
    statement('Balcony gardeners grow strawberries in rain gutters', 'A vertical patch on two square metres.', [
      'gardening',
    ]),
    statement('Strawberries in rain gutters: the balcony garden idea of the year', 'Gutters become beds.', [
      'gardening',
    ]),
    statement('Growing strawberries on a balcony with old rain gutters', 'How the gutter garden works.', ['balcony']),
  ],
  [
    statement('Town in Finland elects a retired reindeer as honorary postmaster', 'It carries no letters.', [
      'animals',
    ]),
    statement('Retired reindeer elected honorary postmaster of Finnish town', 'The antlers got a cap.', [
      'animals',
      'odd',
    ]),
  ],
  [
    statement('Sourdough bakers give their starters passports', 'A joke that became a travel ritual.', ['baking']),
    statement('Passports for sourdough starters: bakers take the joke abroad', 'Stamps included.', ['baking']),
  ],
  [statement('Tomato growers trade seeds at a railway platform', 'A seed library in a waiting room.', ['gardening'])],
  [statement('Balcony beekeepers name every hive', 'Urban honey with a family tree.', ['balcony', 'bees'])],
  [statement('Sourdough pizza ovens return to village squares', 'Bakers share one fire.', ['baking'])],
  [statement('Reindeer migration filmed by a weather balloon', 'Nine hours without a cut.', ['animals'])],
  [statement('Night hikers record the calls of tawny owls', 'A map of hoots.', ['birds', 'hiking'])],
  [statement('Knitters map the weather one row a day', 'Temperature scarves are back.', ['knitting'])],
  [statement('Knitters unravel old jumpers for charity', 'Wool gets a second life.', ['knitting'])],
];

describe('same idea', () => {
  const labelled = ideas.flatMap((statements, idea) => statements.map((one) => ({ ...one, idea })));
  const pairs = labelled.flatMap((a, index) => labelled.slice(index + 1).map((b) => ({ a, b })));

  it.each(pairs.filter(({ a, b }) => a.idea === b.idea))('joins "$a.title" and "$b.title"', ({ a, b }) => {
    expect(sameIdea(a, b)).toBeGreaterThan(0);
    expect(sameIdea(b, a)).toBe(sameIdea(a, b));
  });

  it('keeps all others apart', () => {
    const wrong = pairs.filter(({ a, b }) => a.idea !== b.idea && sameIdea(a, b) !== undefined);
    expect(wrong.map(({ a, b }) => [a.title, b.title])).toEqual([]);
  });

  it('joins what shares its words and its likeness only if both say so', () => {
    const one = statement('Tea');
    expect(sameIdea(one, statement('Tea'))).toBeCloseTo(1, 5);
    expect(sameIdea(one, statement('The new tea caddies of Japan', 'Lacquer, tin and cherry bark.'))).toBeUndefined();
    expect(sameIdea(statement('…'), statement('…'))).toBeUndefined();
  });

  it('prefers the most alike of several, and the earlier one of equals', () => {
    const [gutters, again, third] = ideas[0]!;
    expect(mostAlike(gutters!, [ideas[3]![0]!, again!, third!, again!])).toBe(
      sameIdea(gutters!, again!)! >= sameIdea(gutters!, third!)! ? again : third,
    );
    expect(mostAlike(gutters!, ideas[7]!)).toBeUndefined();
  });

  it('measures overlap on the shorter list', () => {
    expect(overlap(['a', 'b'], ['a', 'b', 'c', 'd'])).toBe(1);
    expect(overlap([], ['a'])).toBe(0);
  });
});

describe('id of an idea', () => {
  it('follows from the founding signal and is a UUID', () => {
    const id = ideaIdOf('5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ideaIdOf('5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a01')).toBe(id);
    expect(ideaIdOf('5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1a02')).not.toBe(id);
  });
});
