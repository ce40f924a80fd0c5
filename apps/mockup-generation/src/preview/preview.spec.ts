import { product } from '@signalpress/contracts';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { composeDesign } from '../design/design.js';
import { Typefaces } from '../design/typefaces.js';
import { renderPreview } from './preview.js';

new Typefaces();

describe('renderPreview', () => {
  it.each(product.options)('draws a %s that a shop can show, the same each time', async (name) => {
    const design = composeDesign({ ideaId: 'idea', phrase: 'Cold Water Club', topics: ['swimming'] });
    const [one, other] = [await renderPreview(design, name), await renderPreview(design, name)];
    expect(one.equals(other)).toBe(true);
    expect(one.length).toBeLessThan(200_000);
    expect(await sharp(one).metadata()).toMatchObject({ format: 'webp', width: 1_000, height: 1_000 });
  });
});
