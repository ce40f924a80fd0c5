import type { SKRSContext2D } from '@napi-rs/canvas';
import { createCanvas } from '@napi-rs/canvas';
import type { Design } from '../design/design.js';
import { luminance } from '../design/palettes.js';
import { printHeight, printWidth } from '../design/stage.js';

/** Side of a preview in pixels. */
export const previewSize = 1_000;

/** What a product is drawn with; units are pixels of the preview. */
export interface Scene {
  readonly ctx: SKRSContext2D;
  readonly design: Design;
}

/** Mixes two colours; `share` is that of the second, 0..1. */
export function mix(one: string, other: string, share: number): string {
  const parse = (hex: string): number => Number.parseInt(hex.slice(1), 16);
  const [a, b] = [parse(one), parse(other)];
  const channels = [16, 8, 0].map((shift) => {
    const from = (a >> shift) & 255;
    return Math.round(from + (((b >> shift) & 255) - from) * share);
  });
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

export const isDark = (hex: string): boolean => luminance(hex) < 0.18;

/** Draws the wall behind the product: a quiet tint of the design's own colours. */
export function backdrop({ ctx, design }: Scene): void {
  const { garment, accent, pop } = design.palette;
  const tint = isDark(garment) ? mix('#f3efe8', accent, 0.2) : mix('#d9d0c3', pop, 0.36);
  const light = ctx.createRadialGradient(420, 330, 80, 500, 500, 820);
  light.addColorStop(0, mix(tint, '#ffffff', isDark(garment) ? 0.45 : 0.26));
  light.addColorStop(1, mix(tint, '#000000', 0.06));
  ctx.fillStyle = light;
  ctx.fillRect(0, 0, previewSize, previewSize);
}

/** Paints the design so that its print area is `width` pixels wide, with its top left corner at x, y. */
export function printOn({ ctx, design }: Scene, x: number, y: number, width: number): void {
  const height = Math.round((width * printHeight) / printWidth);
  // A canvas of its own: the holes of a design must not go through the product. Twice the size keeps edges smooth.
  const art = createCanvas(width * 2, height * 2);
  const artCtx = art.getContext('2d');
  artCtx.scale((width * 2) / printWidth, (width * 2) / printWidth);
  design.paint(artCtx);
  ctx.save();
  ctx.imageSmoothingEnabled = true;
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(art, x, y, width, height);
  ctx.restore();
  // Up to 14 MB; given back now, not when the collector finds the small object that holds them.
  art.width = 1;
  art.height = 1;
}

/** Soft light and shade along x over whatever the clip lets through; stops are [position, black (−) or white (+) share]. */
export function shade(
  ctx: SKRSContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
  stops: readonly (readonly [number, number])[],
): void {
  const gradient = ctx.createLinearGradient(from[0], from[1], to[0], to[1]);
  for (const [position, amount] of stops) {
    gradient.addColorStop(position, amount < 0 ? `rgba(0,0,0,${-amount})` : `rgba(255,255,255,${amount})`);
  }
  ctx.fillStyle = gradient;
  ctx.fillRect(0, 0, previewSize, previewSize);
}
