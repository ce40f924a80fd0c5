import { fillIcon, rule } from '../ornaments.js';
import type { Stage, Template } from '../stage.js';
import { safeArea } from '../stage.js';
import type { BlockStyle, SetLine } from '../type-block.js';
import { fillLine, placeAt, setBlock } from '../type-block.js';

const style: BlockStyle = { face: 'poster', minorFace: 'heavyItalic', mode: 'fit', gap: 0.042, tallest: 0.62 };

/** The tallest line carries the accent; the others the main ink. */
export function tallestOf(lines: readonly SetLine[]): SetLine | undefined {
  return lines.filter((line) => !line.minor).sort((a, b) => b.height - a.height)[0];
}

/** Rules left and right of a small line, out to the edges of the block. */
export function flank(stage: Stage, line: SetLine, left: number, right: number): void {
  const thickness = line.height * 0.2;
  const y = line.y - line.height / 2;
  const gap = line.height * 0.7;
  rule(stage.ctx, left, line.x - gap, y, thickness);
  rule(stage.ctx, line.x + line.width + gap, right, y, thickness);
}

/** Lines of type, each as wide as the block, crowned by an icon: the contrast of sizes is the design. */
export const stack: Template = {
  name: 'stack',
  suits: (words) => words.length >= 2,
  paint(stage) {
    const { ctx, palette } = stage;
    const crown = 620;
    const crownGap = 190;
    const room = { width: safeArea.width, height: safeArea.height - crown - crownGap };
    const block = setBlock(ctx, stage.words, room, style);
    const total = block.height + crown + crownGap;
    const top = safeArea.y + (safeArea.height - total) * 0.35;
    const left = safeArea.x + (safeArea.width - block.width) / 2;
    const centre = safeArea.x + safeArea.width / 2;

    ctx.fillStyle = palette.pop;
    fillIcon(ctx, stage.icon, centre, top + crown / 2, crown);
    for (const y of [-70, 70]) {
      rule(ctx, left, centre - crown * 0.72, top + crown / 2 + y, 34);
      rule(ctx, centre + crown * 0.72, left + block.width, top + crown / 2 + y, 34);
    }

    const placed = placeAt(block, left, top + crown + crownGap);
    const tallest = tallestOf(placed.lines);
    for (const line of placed.lines) {
      ctx.fillStyle = line.minor ? palette.pop : line === tallest ? palette.accent : palette.ink;
      fillLine(ctx, line);
      if (line.minor) flank(stage, line, left, left + block.width);
    }
  },
};
