import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Palette } from './palettes.js';
import type { Seed } from './seed.js';

/** Pixels of the print file; 15 × 18 inches at 300 dpi, the common print area of a shirt front. */
export const printWidth = 4_500;
export const printHeight = 5_400;
export const printDpi = 300;
/** No ink comes closer to the edge of the print area than this (0.7 inch). */
export const safeMargin = 210;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const safeArea: Box = {
  x: safeMargin,
  y: safeMargin,
  width: printWidth - 2 * safeMargin,
  height: printHeight - 2 * safeMargin,
};

/** What a template draws with. Units are pixels of the print file, whatever the canvas is scaled to. */
export interface Stage {
  readonly ctx: SKRSContext2D;
  readonly words: readonly string[];
  readonly palette: Palette;
  readonly seed: Seed;
  /** SVG path in a 24 × 24 box that goes with the topics. */
  readonly icon: string;
}

/** One way to lay out a phrase. */
export interface Template {
  readonly name: string;
  /** Whether the phrase suits the template. */
  suits(words: readonly string[]): boolean;
  paint(stage: Stage): void;
}

/** Draws so that what is painted leaves holes: the garment shows through, and no ink is wasted on its colour. */
export function knockOut(ctx: SKRSContext2D, paint: () => void): void {
  ctx.save();
  ctx.globalCompositeOperation = 'destination-out';
  ctx.fillStyle = '#000';
  ctx.strokeStyle = '#000';
  paint();
  ctx.restore();
}
