import type { SKRSContext2D } from '@napi-rs/canvas';
import { isConnective, isMinorLine, lineBreaks } from './lines.js';
import type { Face } from './typefaces.js';
import { cssFont, cssTracking } from './typefaces.js';

/** One line of set type. The box of a line is its ink, not its font box: capitals touch top and bottom. */
export interface SetLine {
  readonly text: string;
  readonly face: Face;
  /** Font size in pixels. */
  readonly size: number;
  readonly extraTracking: number;
  /** Left edge of the ink. */
  readonly x: number;
  /** Baseline. */
  readonly y: number;
  readonly width: number;
  /** Height of a capital letter. */
  readonly height: number;
  readonly minor: boolean;
}

export interface TypeBlock {
  readonly lines: readonly SetLine[];
  readonly width: number;
  readonly height: number;
}

export interface BlockStyle {
  readonly face: Face;
  readonly minorFace: Face;
  /** `fit`: each line is as wide as the block. `even`: all lines have one size. */
  readonly mode: 'fit' | 'even';
  /** Space between lines, as a share of the block's width. */
  readonly gap: number;
  /** The tallest capital, as a share of the block's width; keeps a short word from swallowing the design. */
  readonly tallest: number;
}

const reference = 1_000;

interface Measure {
  readonly width: number;
  readonly left: number;
  readonly capital: number;
  /** How far the ink goes above the capitals (round letters overshoot, accents stand on top). */
  readonly above: number;
  /** How far the ink goes below the baseline. */
  readonly below: number;
}

/** Ink of a text at a font size of 1000 px. */
export function measure(ctx: SKRSContext2D, text: string, face: Face, extraTracking = 0): Measure {
  ctx.save();
  ctx.textAlign = 'left';
  ctx.font = cssFont(face, reference);
  ctx.letterSpacing = cssTracking(face, reference, extraTracking);
  const metrics = ctx.measureText(text);
  const capital = ctx.measureText('H').actualBoundingBoxAscent;
  ctx.restore();
  return {
    width: metrics.actualBoundingBoxLeft + metrics.actualBoundingBoxRight,
    left: -metrics.actualBoundingBoxLeft,
    capital,
    above: Math.max(0, metrics.actualBoundingBoxAscent - capital),
    below: Math.max(0, metrics.actualBoundingBoxDescent),
  };
}

/** Prepares the context for a line; the caller chooses fill or stroke and the colour. */
export function useLine(ctx: SKRSContext2D, line: Pick<SetLine, 'face' | 'size' | 'extraTracking'>): void {
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.font = cssFont(line.face, line.size);
  ctx.letterSpacing = cssTracking(line.face, line.size, line.extraTracking);
}

export function fillLine(ctx: SKRSContext2D, line: SetLine, dx = 0, dy = 0): void {
  useLine(ctx, line);
  ctx.fillText(line.text, line.x + dx, line.y + dy);
}

export function strokeLine(ctx: SKRSContext2D, line: SetLine, width: number, dx = 0, dy = 0): void {
  useLine(ctx, line);
  ctx.lineJoin = 'round';
  ctx.lineWidth = width;
  ctx.strokeText(line.text, line.x + dx, line.y + dy);
}

/**
 * Sets a phrase in the largest block that fits `width` × `height`: tries every way to break the lines, and takes the one
 * that fills the space best without lines of very unequal size. The block's origin is 0, 0; lines are centred in it.
 */
export function setBlock(
  ctx: SKRSContext2D,
  words: readonly string[],
  room: { readonly width: number; readonly height: number },
  style: BlockStyle,
): TypeBlock {
  let best: TypeBlock | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const texts of lineBreaks(words)) {
    const block = setLines(ctx, texts, room, style);
    const score = scoreOf(block, room);
    if (score > bestScore) [best, bestScore] = [block, score];
  }
  if (best === undefined) throw new RangeError('a phrase without words cannot be set');
  return best;
}

/** Sets given lines; see setBlock. */
export function setLines(
  ctx: SKRSContext2D,
  texts: readonly string[],
  room: { readonly width: number; readonly height: number },
  style: BlockStyle,
): TypeBlock {
  const { width } = room;
  const minorTracking = 0.14;
  const drafts = texts.map((text) => {
    const minor = texts.length > 1 && style.mode === 'fit' && isMinorLine(text);
    const face = minor ? style.minorFace : style.face;
    const extraTracking = minor ? minorTracking : 0;
    const ink = measure(ctx, text, face, extraTracking);
    // The spacing behind the last letter is not ink.
    const inkWidth = Math.max(1, ink.width);
    const capital = minor ? width * 0.062 : Math.min((width / inkWidth) * ink.capital, width * style.tallest);
    return { text, face, minor, extraTracking, ink, inkWidth, size: capital / ink.capital };
  });
  if (style.mode === 'even') {
    const size = Math.min(...drafts.map((draft) => draft.size));
    for (const draft of drafts) draft.size = size;
  }
  const gap = width * style.gap;
  const naturalHeight =
    drafts.reduce((sum, { size, ink }) => sum + size * (ink.above + ink.capital + ink.below), 0) +
    gap * (drafts.length - 1);
  const scale = Math.min(1, room.height / naturalHeight);
  const blockWidth = Math.max(...drafts.map((draft) => draft.inkWidth * draft.size)) * scale;

  let top = 0;
  const lines = drafts.map((draft): SetLine => {
    const size = draft.size * reference * scale;
    const factor = draft.size * scale;
    const height = draft.ink.capital * factor;
    const lineWidth = draft.inkWidth * factor;
    top += draft.ink.above * factor;
    const line: SetLine = {
      text: draft.text,
      face: draft.face,
      size,
      extraTracking: draft.extraTracking,
      x: (blockWidth - lineWidth) / 2 - draft.ink.left * factor,
      y: top + height,
      width: lineWidth,
      height,
      minor: draft.minor,
    };
    top += height + draft.ink.below * factor + gap * scale;
    return line;
  });
  return { lines, width: blockWidth, height: top - gap * scale };
}

/**
 * Higher is better: fill of the room, less for lines of unequal size, for lines that end in a connective, for connectives
 * torn apart, and for lone letters.
 */
function scoreOf(block: TypeBlock, room: { readonly width: number; readonly height: number }): number {
  const majors = block.lines.filter((line) => !line.minor);
  if (majors.length === 0) return -10;
  const heights = majors.map((line) => line.height);
  const ratio = Math.max(...heights) / Math.min(...heights);
  const narrowest = Math.min(...majors.map((line) => line.width)) / block.width;
  const fill = (block.width / room.width) * Math.sqrt(Math.min(1, block.height / room.height));
  const minors = block.lines.length - majors.length;
  const split = block.lines.filter((line, index) => line.minor && block.lines[index - 1]?.minor === true).length;
  const dangling = majors.filter((line) => isConnective(line.text.split(' ').at(-1) ?? '')).length;
  return (
    fill -
    0.12 * Math.max(0, ratio - 2.2) -
    0.5 * Math.max(0, 0.45 - narrowest) -
    (block.lines.at(-1)?.minor === true ? 0.4 : 0) +
    0.06 * Math.min(minors, 2) -
    0.3 * split -
    0.15 * dangling -
    0.25 * majors.filter((line) => line.text.length === 1).length
  );
}

/** Moves a block so that its top left corner is at x, y. */
export function placeAt(block: TypeBlock, x: number, y: number): TypeBlock {
  return { ...block, lines: block.lines.map((line) => ({ ...line, x: line.x + x, y: line.y + y })) };
}
