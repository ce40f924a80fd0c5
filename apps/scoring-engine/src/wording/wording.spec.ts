import { describe, expect, it } from '@jest/globals';
import { listingCopy } from '@signalpress/contracts';
import fc from 'fast-check';
import { copyOf } from './copy.js';
import { longestRun, maxPhraseWords, maxWordsInARow, phraseOf } from './phrase.js';
import { subjectsOf } from './subjects.js';

const source = (title: string, topics: string[] = [], summary = '') => ({ title, topics, summary });
const ideaId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01';

const titles = [
  'Balcony gardeners grow strawberries in rain gutters',
  'Ask me about sourdough and I will ask you about sourdough',
  'Weekends are for night hikers who record tawny owls',
  'KNITTERS MAP THE WEATHER ONE ROW A DAY',
  'Why everyone is suddenly repairing typewriters',
  'Town’s retired reindeer elected honorary postmaster',
  'Café owners in Málaga swap recipes for olive-oil ice cream',
  'Here for the board games, easily distracted by board games',
  'It is what it is',
  '日本の猫',
  '☂ 100 % … !!!',
  'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch',
];
const topics = ['gardening', 'baking', 'night sky', 'cats', 'knitting', 'hiking', '日本', '!!!', 'board games'];
const anySource = fc.record({
  title: fc.oneof(fc.constantFrom(...titles), fc.string({ minLength: 1, maxLength: 300 }), fc.lorem({ maxCount: 12 })),
  summary: fc.oneof(fc.string(), fc.lorem()),
  topics: fc.array(fc.oneof(fc.constantFrom(...topics), fc.string({ minLength: 1, maxLength: 60 })), { maxLength: 20 }),
});

describe('phrase', () => {
  it('is short, printable, in title case and never the sentence of a source, for any texts', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.array(anySource, { minLength: 1, maxLength: 4 }), (id, sources) => {
        const phrase = phraseOf(id, sources);
        expect(phrase.split(' ').length).toBeLessThanOrEqual(maxPhraseWords);
        expect(phrase.length).toBeGreaterThan(0);
        expect(phrase.length).toBeLessThanOrEqual(80);
        expect(phrase).toMatch(/^[A-Za-z0-9À-ÖØ-öø-ÿ',: -]+$/);
        expect(phrase.charAt(0)).toBe(phrase.charAt(0).toUpperCase());
        for (const { title } of sources) expect(longestRun(phrase, title)).toBeLessThanOrEqual(maxWordsInARow);
        expect(phraseOf(id, sources)).toBe(phrase);
      }),
      { numRuns: 500 },
    );
  });

  it('chooses another slogan when the title already says it', () => {
    const title = titles[1]!;
    for (let i = 0; i < 40; i += 1)
      expect(longestRun(phraseOf(`idea ${i}`, [source(title)]), title)).toBeLessThanOrEqual(4);
  });

  it('speaks of what the title is about', () => {
    expect(phraseOf(ideaId, [source(titles[0]!, ['gardening'])])).toMatch(/Rain Gutters|Strawberries/);
    expect(phraseOf(ideaId, [source(titles[3]!, ['knitting'])])).toMatch(/Weather|Row/);
    expect(phraseOf(ideaId, [source(titles[4]!)])).toContain('Typewriters');
  });

  it('differs between ideas on one text and stays the same for one', () => {
    const phrases = Array.from({ length: 30 }, (_, index) =>
      phraseOf(`idea ${index}`, [source(titles[0]!, ['gardening'])]),
    );
    expect(new Set(phrases).size).toBeGreaterThan(2);
  });

  it('has words of its own when the texts have none that can be printed', () => {
    expect(phraseOf(ideaId, [source('日本の猫')])).toMatch(/^[A-Z][A-Za-z, ]+$/);
    expect(phraseOf(ideaId, [source('日本の猫', ['cats'])])).toContain('Cats');
  });

  it('finds the longest run of words in a row', () => {
    expect(longestRun('Ask Me About Rain', 'Nobody would ask me about it: ask me')).toBe(3);
    expect(longestRun('', 'a b')).toBe(0);
  });
});

describe('subjects', () => {
  it('puts the thing before the people, the verbs and the qualities', () => {
    const [first] = subjectsOf([source('Tiny libraries open in disused phone boxes', ['books'])]);
    expect(first!.words.join(' ')).toMatch(/phone boxes|libraries/);
  });

  it('names each thing once', () => {
    const names = subjectsOf([source('Owls, owls and Owls', ['owls'])]).map(({ words }) =>
      words.join(' ').toLowerCase(),
    );
    expect(names).toEqual(['owls']);
  });
});

describe('copy', () => {
  it('fits the limits of a listing for any texts', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.array(anySource, { minLength: 1, maxLength: 4 }), (id, sources) => {
        const phrase = phraseOf(id, sources);
        const copy = copyOf(id, phrase, sources);
        expect(listingCopy.parse(copy)).toEqual(copy);
        expect(copy.title.startsWith(phrase)).toBe(true);
        expect(new Set(copy.tags).size).toBe(copy.tags.length);
        expect(copyOf(id, phrase, sources)).toEqual(copy);
      }),
    );
  });

  it('says for whom it is', () => {
    const sources = [source(titles[0]!, ['gardening', 'balcony'])];
    const copy = copyOf(ideaId, 'Rooted in Rain Gutters', sources);
    expect(copy.title).toBe('Rooted in Rain Gutters – A Gift for Friends of Gardening');
    expect(copy.description).toContain('Made for friends of gardening and balcony.');
    expect(copy.tags).toEqual(expect.arrayContaining(['gardening', 'balcony', 'strawberries', 'gift']));
  });
});
