import type { Template } from '../stage.js';
import { printWidth, safeArea } from '../stage.js';
import type { BlockStyle } from '../type-block.js';
import { fillLine, placeAt, setLines, strokeLine } from '../type-block.js';

const style: BlockStyle = { face: 'poster', minorFace: 'poster', mode: 'even', gap: 0.05, tallest: 0.3 };

/** The phrase five times over: outlines above and below, solid in the middle. */
export const repeat: Template = {
  name: 'repeat',
  suits: (words) => words.join(' ').length >= 5 && words.join(' ').length <= 15,
  paint(stage) {
    const { ctx, palette } = stage;
    const phrase = stage.words.join(' ');
    const outline = 30;
    const room = { width: safeArea.width - outline, height: safeArea.height - outline };
    const block = setLines(
      ctx,
      Array.from({ length: 5 }, () => phrase),
      room,
      style,
    );
    const placed = placeAt(
      block,
      (printWidth - block.width) / 2,
      safeArea.y + outline / 2 + (room.height - block.height) * 0.35,
    );
    const colours = [palette.pop, palette.accent, palette.ink, palette.accent, palette.pop];
    for (const [index, line] of placed.lines.entries()) {
      const colour = colours[index] ?? palette.ink;
      ctx.strokeStyle = colour;
      ctx.fillStyle = colour;
      if (index === 2) fillLine(ctx, line);
      else strokeLine(ctx, line, outline);
    }
  },
};
