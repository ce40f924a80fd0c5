import type { SKRSContext2D } from '@napi-rs/canvas';
import { splitInTwo } from '../lines.js';
import { fillIcon, halfRays } from '../ornaments.js';
import type { Template } from '../stage.js';
import { printWidth, safeArea } from '../stage.js';
import type { BlockStyle } from '../type-block.js';
import { fillLine, measure, placeAt, setBlock, useLine } from '../type-block.js';
import { flank } from './stack.js';

const style: BlockStyle = { face: 'poster', minorFace: 'heavyItalic', mode: 'fit', gap: 0.042, tallest: 0.4 };
const extraTracking = 0.03;

/** Writes a text along the upper side of a circle, letter by letter; `radius` is that of the baseline. */
function fillOnArc(
  ctx: SKRSContext2D,
  text: string,
  centre: { x: number; y: number },
  radius: number,
  size: number,
): void {
  useLine(ctx, { face: 'poster', size, extraTracking });
  const advance = (part: string): number => ctx.measureText(part).width;
  const total = advance(text);
  ctx.textAlign = 'center';
  ctx.letterSpacing = '0px';
  const letters = Array.from(text);
  let done = '';
  for (const letter of letters) {
    useLine(ctx, { face: 'poster', size, extraTracking });
    const start = advance(done);
    done += letter;
    const middle = (start + advance(done)) / 2;
    const angle = (middle - total / 2) / radius;
    ctx.save();
    ctx.translate(centre.x + radius * Math.sin(angle), centre.y - radius * Math.cos(angle));
    ctx.rotate(angle);
    ctx.textAlign = 'center';
    ctx.letterSpacing = '0px';
    ctx.fillText(letter, 0, 0);
    ctx.restore();
  }
}

/** The first half of the phrase arches over a rising sun, the second half stands beneath. */
export const arch: Template = {
  name: 'arch',
  suits: (words) => {
    const [head, tail] = splitInTwo(words);
    return words.length >= 2 && head.length >= 5 && head.length <= 18 && tail.length <= 22;
  },
  paint(stage) {
    const { ctx, palette } = stage;
    const [head, tail] = splitInTwo(stage.words);
    const ink = measure(ctx, head, 'poster', extraTracking);
    // The arc takes 150°; its outer edge may touch the sides of the safe area.
    const sweep = (150 / 180) * Math.PI;
    const half = safeArea.width / 2;
    // width = radius × sweep and radius + capital ≤ half, both linear in the size.
    const size = Math.min((half * 1_000) / (ink.width / sweep + ink.capital), 900);
    const capital = (ink.capital * size) / 1_000;
    // Round letters overshoot the height of the capitals a little.
    const radius = half - capital - 24;
    const x = printWidth / 2;

    const words = tail.split(' ');
    const gap = 200;
    const block = setBlock(ctx, words, { width: safeArea.width, height: safeArea.height - half - gap }, style);
    const top = safeArea.y + (safeArea.height - half - gap - block.height) * 0.35;
    const centre = { x, y: top + half };

    ctx.fillStyle = palette.ink;
    fillOnArc(ctx, head, centre, radius, size);

    const core = radius * 0.46;
    ctx.fillStyle = palette.pop;
    halfRays(ctx, centre, core + 90, radius - 150, 23);
    ctx.fillStyle = palette.accent;
    fillIcon(ctx, stage.icon, centre.x, centre.y - core * 0.5, core * 1.05);

    const left = x - block.width / 2;
    const placed = placeAt(block, left, centre.y + gap);
    for (const line of placed.lines) {
      ctx.fillStyle = line.minor ? palette.pop : palette.accent;
      fillLine(ctx, line);
      if (line.minor) flank(stage, line, left, left + block.width);
    }
  },
};
