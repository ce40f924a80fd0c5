import { describe, expect, it } from '@jest/globals';
import { choosePalette, contrast, palettes } from './palettes.js';
import { seedFrom } from './seed.js';

describe('palettes', () => {
  it.each(palettes.map((palette) => [palette.name, palette] as const))('%s is legible on its garment', (_, palette) => {
    expect(contrast(palette.ink, palette.garment)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.accent, palette.garment)).toBeGreaterThanOrEqual(3);
    expect(contrast(palette.pop, palette.garment)).toBeGreaterThanOrEqual(3);
  });

  it('has contrast as WCAG defines it', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it('listens to the topics', () => {
    const moods = ['a', 'b', 'c', 'd'].map((idea) => choosePalette(['gardening'], seedFrom(idea)).mood);
    expect(new Set(moods)).toEqual(new Set(['nature']));
  });
});

describe('seedFrom', () => {
  it('repeats itself for the same text and not for another', () => {
    const draw = (text: string): number[] => {
      const seed = seedFrom(text);
      return Array.from({ length: 20 }, () => seed.next());
    };
    expect(draw('idea')).toEqual(draw('idea'));
    expect(draw('idea')).not.toEqual(draw('other'));
  });
});
