import { fillIcon, rule, scallop } from '../ornaments.js';
import { starPath } from '../icons.js';
import type { Template } from '../stage.js';
import { knockOut, printWidth, safeArea } from '../stage.js';
import type { BlockStyle } from '../type-block.js';
import { fillLine, placeAt, setBlock } from '../type-block.js';
import { flank } from './stack.js';

const style: BlockStyle = { face: 'poster', minorFace: 'heavyItalic', mode: 'fit', gap: 0.045, tallest: 0.5 };
const radius = 1_900;

/** A scalloped seal in one solid colour; the words are holes in it. */
export const badge: Template = {
  name: 'badge',
  suits: (words) => words.length >= 2 && words.join(' ').length <= 34,
  paint(stage) {
    const { ctx, palette } = stage;
    const x = printWidth / 2;
    const y = safeArea.y + 2_060 + 260;
    ctx.fillStyle = palette.accent;
    scallop(ctx, x, y, radius, 44);
    knockOut(ctx, () => {
      ctx.lineWidth = 26;
      ctx.beginPath();
      ctx.arc(x, y, radius - 150, 0, 2 * Math.PI);
      ctx.stroke();
      ctx.lineWidth = 70;
      ctx.beginPath();
      ctx.arc(x, y, radius - 235, 0, 2 * Math.PI);
      ctx.stroke();
    });

    const block = setBlock(ctx, stage.words, { width: 2_900, height: 1_700 }, style);
    const placed = placeAt(block, x - block.width / 2, y - block.height / 2);
    const reach = Math.min(1_130, block.height / 2 + 330);
    knockOut(ctx, () => {
      for (const line of placed.lines) {
        fillLine(ctx, line);
        if (line.minor) flank(stage, line, x - block.width / 2, x + block.width / 2);
      }
      const size = Math.min(520, radius - reach);
      fillIcon(ctx, stage.icon, x, y - reach, size);
      for (const [dx, star] of [
        [-300, 150],
        [0, 230],
        [300, 150],
      ] as const) {
        fillIcon(ctx, starPath, x + dx, y + reach, star);
      }
      rule(ctx, x - 900, x - 480, y + reach, 30);
      rule(ctx, x + 480, x + 900, y + reach, 30);
    });
  },
};
