import { describe, expect, it } from '@jest/globals';
import { Typefaces } from './typefaces.js';

describe('Typefaces', () => {
  const typefaces = new Typefaces();

  it.each(['Strawberries Above the Street', 'Łódź & Køge – été', '“It’s 100 % wool!”'])('can draw %s', (phrase) => {
    expect(typefaces.missingIn(phrase)).toBeUndefined();
  });

  it.each([
    ['Rain ☂ Again', '☂'],
    ['東京 Nights', '東'],
    ['Bees 🐝', '🐝'],
  ])('names the first character of %s that it cannot draw', (phrase, missing) => {
    expect(typefaces.missingIn(phrase)).toBe(missing);
  });
});
