import { createCanvas } from '@napi-rs/canvas';
import type { Product } from '@signalpress/contracts';
import type { Design } from '../design/design.js';
import { mug } from './mug.js';
import { posterOnWall } from './poster.js';
import type { Scene } from './scene.js';
import { previewSize } from './scene.js';
import { tShirt } from './t-shirt.js';

const painters: Readonly<Record<Product, (scene: Scene) => void>> = { 't-shirt': tShirt, mug, poster: posterOnWall };

/** Renders the picture that a shop shows: the product with the design on it, 1000 × 1000 WebP. */
export async function renderPreview(design: Design, product: Product): Promise<Buffer> {
  const canvas = createCanvas(previewSize, previewSize);
  painters[product]({ ctx: canvas.getContext('2d'), design });
  const webp = await canvas.encode('webp', 88);
  canvas.width = 1;
  canvas.height = 1;
  return webp;
}
