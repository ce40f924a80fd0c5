import type { Template } from '../stage.js';
import { knockOut, printWidth, safeArea } from '../stage.js';
import { fillIcon, fillIconWithBorder } from '../ornaments.js';
import type { BlockStyle } from '../type-block.js';
import { fillLine, placeAt, setBlock } from '../type-block.js';
import { flank, tallestOf } from './stack.js';

const style: BlockStyle = { face: 'poster', minorFace: 'heavyItalic', mode: 'fit', gap: 0.04, tallest: 0.42 };

/** A striped half sun over the words, with an icon standing in it. */
export const sunset: Template = {
  name: 'sunset',
  suits: (words) => words.length >= 2,
  paint(stage) {
    const { ctx, palette } = stage;
    const radius = 1_560;
    const gap = 170;
    const block = setBlock(ctx, stage.words, { width: safeArea.width, height: safeArea.height - radius - gap }, style);
    const top = safeArea.y + (safeArea.height - radius - gap - block.height) * 0.35;
    const x = printWidth / 2;
    const horizon = top + radius;

    ctx.save();
    ctx.beginPath();
    ctx.arc(x, horizon, radius, Math.PI, 2 * Math.PI);
    ctx.closePath();
    ctx.clip();
    ctx.fillStyle = palette.accent;
    ctx.fillRect(x - radius, top, radius * 2, radius * 0.52);
    ctx.fillStyle = palette.pop;
    ctx.fillRect(x - radius, top + radius * 0.52, radius * 2, radius * 0.48);
    ctx.restore();
    knockOut(ctx, () => {
      // Bands grow towards the horizon, as they do in a setting sun.
      for (let band = 0; band < 5; band += 1) {
        const thickness = 26 + band * 22;
        ctx.fillRect(x - radius - 10, top + radius * (0.52 + band * 0.105), radius * 2 + 20, thickness);
      }
    });
    const icon = 1_020;
    knockOut(ctx, () => {
      fillIconWithBorder(ctx, stage.icon, { x, y: horizon - icon * 0.62, size: icon }, 60);
    });
    ctx.fillStyle = palette.ink;
    fillIcon(ctx, stage.icon, x, horizon - icon * 0.62, icon);

    const left = x - block.width / 2;
    const placed = placeAt(block, left, horizon + gap);
    const tallest = tallestOf(placed.lines);
    for (const line of placed.lines) {
      ctx.fillStyle = line.minor
        ? palette.pop
        : line === tallest && placed.lines.length > 1
          ? palette.ink
          : palette.accent;
      fillLine(ctx, line);
      if (line.minor) flank(stage, line, left, left + block.width);
    }
  },
};
