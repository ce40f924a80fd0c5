import { isConnective } from '../lines.js';
import type { Template } from '../stage.js';
import { knockOut, printWidth, safeArea } from '../stage.js';
import type { BlockStyle } from '../type-block.js';
import { fillLine, placeAt, setBlock, strokeLine } from '../type-block.js';

const style: BlockStyle = { face: 'heavyItalic', minorFace: 'heavyItalic', mode: 'fit', gap: 0.085, tallest: 0.42 };
const depth = 3;
const step = 88;

/** Slanted type with a coloured echo that steps away behind it, as on records of the seventies. */
export const echo: Template = {
  name: 'echo',
  suits: (words) =>
    words.length >= 2 &&
    words.length <= 4 &&
    words.every((word) => word.length >= 3 && word.length <= 9 && !isConnective(word)),
  paint(stage) {
    const { ctx, palette } = stage;
    const shadow = depth * step;
    const room = { width: safeArea.width - shadow - 80, height: safeArea.height - shadow - 80 };
    const block = setBlock(ctx, stage.words, room, style);
    const placed = placeAt(
      block,
      (printWidth - block.width - shadow) / 2 + shadow,
      safeArea.y + 40 + (room.height - block.height) * 0.35,
    );
    const layers = [palette.pop, palette.accent, palette.ink];
    const outline = 44;
    for (const [index, colour] of layers.entries()) {
      const offset = (depth - index) * step;
      for (const line of placed.lines) {
        knockOut(ctx, () => {
          strokeLine(ctx, line, outline, -offset, offset);
        });
        ctx.fillStyle = colour;
        fillLine(ctx, line, -offset, offset);
      }
    }
    for (const line of placed.lines) {
      knockOut(ctx, () => {
        strokeLine(ctx, line, outline * 1.2);
      });
      ctx.fillStyle = palette.ink;
      fillLine(ctx, line);
    }
  },
};
