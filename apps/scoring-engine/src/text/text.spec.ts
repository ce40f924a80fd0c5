import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { centroid, cosine, embed, embeddingDimensions, fromBytes, toBytes } from './embedding.js';
import { contentWords, stem, stems, wordsOf } from './words.js';

const text = (title: string, summary = '', topics: string[] = []) => ({ title, summary, topics });

describe('words', () => {
  it('keeps apostrophes inside words and drops all other punctuation', () => {
    expect(wordsOf('“Don’t panic”, said the cat’s owner – twice.')).toEqual([
      'Don’t',
      'panic',
      'said',
      'the',
      'cat’s',
      'owner',
      'twice',
    ]);
  });

  it('finds words in other scripts and nothing in punctuation', () => {
    expect(wordsOf('Кофе и 日本 ☂')).toEqual(['Кофе', 'и', '日本']);
    expect(wordsOf('… – ☂')).toEqual([]);
  });

  it('leaves out grammar, numbers and the possessive', () => {
    expect(contentWords("The city's 12 oldest Cafés")).toEqual(['city', 'oldest', 'cafes']);
  });

  it.each([
    ['gardeners', 'gardening'],
    ['strawberry', 'strawberries'],
    ['knitting', 'knit'],
    ['boxes', 'box'],
    ['classes', 'class'],
    ['knitted', 'knitting'],
  ])('gives %s and %s one stem', (one, other) => expect(stem(one)).toBe(stem(other)));

  it.each([
    ['cat', 'car'],
    ['bread', 'breed'],
    ['bus', 'but'],
  ])('keeps %s and %s apart', (one, other) => expect(stem(one)).not.toBe(stem(other)));

  it('lists stems once and sorted', () => {
    expect(stems('Gardening gardeners garden balconies')).toEqual(['balcony', 'garden']);
  });
});

describe('embedding', () => {
  it('is a unit vector that depends on the text alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.array(fc.string(), { maxLength: 3 }), (title, summary, topics) => {
        const vector = embed({ title, summary, topics });
        expect(vector).toHaveLength(embeddingDimensions);
        expect(embed({ title, summary, topics })).toEqual(vector);
        const length = cosine(vector, vector);
        expect(length === 0 || Math.abs(length - 1) < 1e-6).toBe(true);
      }),
    );
  });

  it('places texts that say the same nearer than texts on other subjects', () => {
    const gutters = embed(text('Balcony gardeners grow strawberries in rain gutters'));
    const again = embed(text('Growing strawberries in old rain gutters on the balcony'));
    const owls = embed(text('Night hikers record the calls of tawny owls'));
    expect(cosine(gutters, again)).toBeGreaterThan(0.5);
    expect(Math.abs(cosine(gutters, owls))).toBeLessThan(0.25);
  });

  it('is all zeros without words, and then like nothing', () => {
    const nothing = embed(text('…'));
    expect(nothing.every((x) => x === 0)).toBe(true);
    expect(cosine(nothing, embed(text('owls')))).toBe(0);
  });

  it('survives the way through a row', () => {
    const vector = embed(text('Sourdough starters have names now'));
    expect(fromBytes(toBytes(vector))).toEqual(vector);
    expect(() => fromBytes(Buffer.alloc(12))).toThrow(RangeError);
  });

  it('has a centroid that leans to the heavier side', () => {
    const owls = embed(text('tawny owls'));
    const bread = embed(text('sourdough bread'));
    const middle = centroid([
      { embedding: owls, weight: 3 },
      { embedding: bread, weight: 1 },
    ]);
    expect(cosine(middle, owls)).toBeGreaterThan(cosine(middle, bread));
    expect(centroid([]).every((x) => x === 0)).toBe(true);
  });
});
