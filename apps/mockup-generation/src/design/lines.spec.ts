import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMinorLine, lineBreaks, splitInTwo, wordsOf } from './lines.js';

describe('lineBreaks', () => {
  it('offers every way to break a phrase, in order and with no word lost', () => {
    expect(lineBreaks(['COLD', 'WATER', 'CLUB'])).toEqual([
      ['COLD WATER CLUB'],
      ['COLD', 'WATER CLUB'],
      ['COLD WATER', 'CLUB'],
      ['COLD', 'WATER', 'CLUB'],
    ]);
  });

  it('keeps the words and stays below 128 ways for any phrase', () => {
    const word = fc.stringMatching(/^[A-Z]{1,9}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        const ways = lineBreaks(words);
        expect(ways.length).toBeLessThanOrEqual(128);
        for (const lines of ways) expect(wordsOf(lines.join(' '))).toEqual(words);
      }),
    );
  });
});

describe('splitInTwo', () => {
  it('splits where the halves are alike, and never leaves a connective alone', () => {
    expect(splitInTwo(['NIGHT', 'TRAIN', 'TO', 'NOWHERE'])).toEqual(['NIGHT TRAIN', 'TO NOWHERE']);
    expect(splitInTwo(['THE', 'GARDEN'])).toEqual(['THE', 'GARDEN']);
  });
});

describe('isMinorLine', () => {
  it('knows lines of nothing but connectives', () => {
    expect(isMinorLine('ABOVE THE')).toBe(true);
    expect(isMinorLine('THE STREET')).toBe(false);
  });
});
