import { fillIcon, rule } from '../ornaments.js';
import { starPath } from '../icons.js';
import type { Template } from '../stage.js';
import { knockOut, printWidth, safeArea } from '../stage.js';
import type { BlockStyle } from '../type-block.js';
import { fillLine, placeAt, setBlock } from '../type-block.js';
import { flank } from './stack.js';

const style: BlockStyle = { face: 'poster', minorFace: 'heavyItalic', mode: 'fit', gap: 0.045, tallest: 0.7 };
const inset = 330;

/** A solid printing block with the words cut out of it, and a framed panel for the icon. */
export const poster: Template = {
  name: 'poster',
  suits: (words) => words.length >= 2 && words.length <= 6,
  paint(stage) {
    const { ctx, palette } = stage;
    const width = 3_700;
    const panel = 1_150;
    const block = setBlock(
      ctx,
      stage.words,
      { width: width - 2 * inset, height: safeArea.height - panel - 2 * inset },
      style,
    );
    const height = block.height + 2 * inset;
    const left = (printWidth - width) / 2;
    const top = safeArea.y + (safeArea.height - panel - height) * 0.35;

    ctx.fillStyle = palette.accent;
    ctx.beginPath();
    ctx.roundRect(left, top, width, panel - 60, [150, 150, 0, 0]);
    ctx.fill();
    ctx.fillStyle = palette.ink;
    ctx.beginPath();
    ctx.roundRect(left, top + panel, width, height, [0, 0, 150, 150]);
    ctx.fill();

    knockOut(ctx, () => {
      const y = top + (panel - 60) / 2;
      fillIcon(ctx, stage.icon, printWidth / 2, y, 820);
      for (const side of [-1, 1]) {
        fillIcon(ctx, starPath, printWidth / 2 + side * 760, y, 250);
        fillIcon(ctx, starPath, printWidth / 2 + side * 1_130, y, 180);
        fillIcon(ctx, starPath, printWidth / 2 + side * 1_420, y, 120);
      }
      ctx.lineWidth = 30;
      ctx.beginPath();
      ctx.roundRect(left + 95, top + panel + 95, width - 190, height - 190, [20, 20, 80, 80]);
      ctx.stroke();
      const placed = placeAt(block, (printWidth - block.width) / 2, top + panel + inset);
      for (const line of placed.lines) {
        fillLine(ctx, line);
        if (line.minor) flank(stage, line, (printWidth - block.width) / 2, (printWidth + block.width) / 2);
      }
    });
    ctx.fillStyle = palette.pop;
    rule(ctx, left, left + width, top + panel - 30, 28);
  },
};
