import { createHash } from 'node:crypto';
import { createCanvas } from '@napi-rs/canvas';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { faultOf, PrintInspector } from './checks.js';
import type { DesignBrief } from './design.js';
import { composeDesign, composeWith, templates } from './design.js';
import { starPath } from './icons.js';
import { wordsOf } from './lines.js';
import { palettes } from './palettes.js';
import { renderPrint } from './print.js';
import { printHeight, printWidth, safeMargin } from './stage.js';
import { Typefaces } from './typefaces.js';

new Typefaces();
const palette = palettes[0]!;

const brief = (phrase: string, ideaId = 'idea'): DesignBrief => ({ ideaId, phrase, topics: ['gardening'] });
const phrases = [
  'Go',
  'Sourdough',
  'Cold Water Club',
  'Bees Need Us',
  'Strawberries Above the Street',
  'Repair Is a Love Language',
  'Quiet, Please: Åse Is Jogging',
  'Internationalization Enthusiasts Anonymous Worldwide',
  'to be or not to be',
];

/** Ink bounds at a tenth of the size, in pixels of the print file. */
function inkBounds(paint: (ctx: ReturnType<ReturnType<typeof createCanvas>['getContext']>) => void) {
  const scale = 0.1;
  const canvas = createCanvas(printWidth * scale, printHeight * scale);
  const ctx = canvas.getContext('2d');
  ctx.scale(scale, scale);
  paint(ctx);
  const data = canvas.data();
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let y = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1) {
      if (data[(y * canvas.width + x) * 4 + 3]! < 24) continue;
      [left, right, top, bottom] = [
        Math.min(left, x),
        Math.max(right, x + 1),
        Math.min(top, y),
        Math.max(bottom, y + 1),
      ];
    }
  }
  return { left: left / scale, right: right / scale, top: top / scale, bottom: bottom / scale };
}

describe('templates', () => {
  for (const template of templates) {
    it(`${template.name} keeps every phrase that it takes inside the safe area`, () => {
      const suited = phrases.filter((phrase) => template.suits(wordsOf(phrase.toUpperCase())));
      expect(suited.length).toBeGreaterThan(0);
      for (const phrase of suited) {
        const bounds = inkBounds((ctx) => {
          composeWith(template, palette, brief(phrase), starPath).paint(ctx);
        });
        const room = safeMargin - 12;
        expect({ phrase, inside: bounds.left >= room && bounds.top >= room }).toEqual({ phrase, inside: true });
        expect({ phrase, inside: bounds.right <= printWidth - room && bounds.bottom <= printHeight - room }).toEqual({
          phrase,
          inside: true,
        });
        // A design that hides in a corner is not one.
        expect(bounds.right - bounds.left).toBeGreaterThan(printWidth * 0.4);
      }
    });
  }

  it('differ between ideas', () => {
    const chosen = Array.from({ length: 40 }, (_, index) => composeDesign(brief('Cold Water Club', `idea ${index}`)));
    expect(new Set(chosen.map((design) => design.template)).size).toBeGreaterThanOrEqual(4);
    expect(new Set(chosen.map((design) => design.palette.name)).size).toBeGreaterThanOrEqual(3);
  });
});

describe('renderPrint', () => {
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

  it('gives a print-ready file, and the same bytes each time', async () => {
    const first = await renderPrint(composeDesign(brief('Strawberries Above the Street')));
    const second = await renderPrint(composeDesign(brief('Strawberries Above the Street')));
    if ('fault' in first || 'fault' in second) throw new Error('the design has a fault');
    expect(sha256(first.print.png)).toBe(sha256(second.print.png));
    const metadata = await sharp(first.print.png).metadata();
    expect(metadata).toMatchObject({ format: 'png', width: 4_500, height: 5_400, density: 300, hasAlpha: true });
    // Bands meet without a seam: painted at once, the picture is the same but for single pixels on edges.
    const whole = createCanvas(printWidth, printHeight);
    composeDesign(brief('Strawberries Above the Street')).paint(whole.getContext('2d'));
    const middle = { left: 1_000, top: 2_000, width: 2_000, height: 400 };
    const banded = await sharp(first.print.png).extract(middle).raw().toBuffer();
    const painted = whole.getContext('2d').getImageData(middle.left, middle.top, middle.width, middle.height);
    const different = painted.data.filter(
      (value, index) => index % 4 === 3 && Math.abs(value - (banded[index] ?? 0)) > 24,
    );
    expect(different.length / (middle.width * middle.height)).toBeLessThan(0.001);
    const corner = await sharp(first.print.png).extract({ left: 0, top: 0, width: 4, height: 4 }).raw().toBuffer();
    expect(corner.every((value) => value === 0)).toBe(true);
  });

  it.each(phrases)('passes its own checks for "%s"', async (phrase) => {
    expect(await renderPrint(composeDesign(brief(phrase)))).toHaveProperty('print');
  });

  it('refuses what must not be printed', async () => {
    const design = composeDesign(brief('Cold Water Club'));
    const { garment } = design.palette;
    const painted = (colour: string, x: number, y: number, width: number, height: number) =>
      renderPrint({
        ...design,
        paint: (ctx) => {
          ctx.fillStyle = colour;
          ctx.fillRect(x, y, width, height);
        },
      });
    const ink = design.palette.ink;
    expect(await painted(ink, 0, 0, 0, 0)).toMatchObject({ fault: { code: 'design-blank' } });
    expect(await painted(ink, 210, 210, 4_080, 4_980)).toMatchObject({ fault: { code: 'design-flooded' } });
    expect(await painted(ink, 100, 1_000, 3_000, 3_000)).toMatchObject({ fault: { code: 'margin-violated' } });
    expect(await painted(garment, 500, 1_000, 3_000, 3_000)).toMatchObject({ fault: { code: 'contrast-low' } });
    const small = new PrintInspector(10, garment);
    small.add(new Uint8ClampedArray(400));
    expect(faultOf(small.report())).toMatchObject({ code: 'size-wrong' });
  });
});
