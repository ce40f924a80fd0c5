import { lineBreaks } from '../lines.js';
import { fillIcon } from '../ornaments.js';
import type { Template } from '../stage.js';
import { knockOut, printWidth, safeArea } from '../stage.js';
import type { BlockStyle, TypeBlock } from '../type-block.js';
import { fillLine, setLines } from '../type-block.js';

const style: BlockStyle = { face: 'heavy', minorFace: 'heavy', mode: 'even', gap: 0, tallest: 0.26 };
const padX = 270;
const stepX = 150;
const icon = 700;
const iconGap = 220;

/** Each line sits in a pill of its own, by turns filled and outlined, stepping left and right. */
export const bars: Template = {
  name: 'bars',
  suits: (words) => words.length >= 2 && words.every((word) => word.length <= 13),
  paint(stage) {
    const { ctx, palette } = stage;
    const height = safeArea.height - icon - iconGap;
    const room = { width: safeArea.width - 2 * padX - 2 * stepX, height };
    // Pills twice as high as their capitals, a fifth of a capital apart: the more pills, the smaller the type.
    const tallestAmong = (block: TypeBlock): number =>
      Math.min(block.lines[0]?.height ?? 0, height / (2.2 * block.lines.length - 0.2));
    const block = lineBreaks(stage.words)
      .map((texts) => setLines(ctx, texts, room, style))
      .reduce((best, next) => (tallestAmong(next) > tallestAmong(best) ? next : best));
    const count = block.lines.length;
    const capital = tallestAmong(block);
    const scale = capital / (block.lines[0]?.height ?? 1);
    const bar = 2 * capital;
    const pitch = 2.2 * capital;
    const top = safeArea.y + (height - (pitch * count - 0.2 * capital)) * 0.35;

    ctx.fillStyle = palette.pop;
    fillIcon(ctx, stage.icon, printWidth / 2, top + icon / 2, icon);

    for (const [index, line] of block.lines.entries()) {
      const centre = printWidth / 2 + (count === 1 ? 0 : index % 2 === 0 ? -stepX : stepX);
      const inkWidth = line.width * scale;
      const y = top + icon + iconGap + index * pitch;
      const filled = index % 2 === 0;
      const inset = filled ? 0 : 32;
      ctx.fillStyle = ctx.strokeStyle = filled ? palette.accent : palette.ink;
      ctx.beginPath();
      ctx.roundRect(
        centre - inkWidth / 2 - padX + inset,
        y + inset,
        inkWidth + 2 * (padX - inset),
        bar - 2 * inset,
        bar / 2,
      );
      // The line's own x is that of a centred block; its ink starts where the block's half and the line's half say.
      const inkLeft = line.x - (block.width - line.width) / 2;
      const placed = {
        ...line,
        size: line.size * scale,
        x: centre - inkWidth / 2 + inkLeft * scale,
        y: y + 1.5 * capital,
      };
      if (filled) {
        ctx.fill();
        knockOut(ctx, () => {
          fillLine(ctx, placed);
        });
      } else {
        ctx.lineWidth = 64;
        ctx.stroke();
        fillLine(ctx, placed);
      }
    }
  },
};
