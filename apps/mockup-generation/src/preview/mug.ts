import { Path2D } from '@napi-rs/canvas';
import type { Scene } from './scene.js';
import { backdrop, isDark, mix, printOn, shade } from './scene.js';

const body = 'M215 190C215 150 685 150 685 190L672 800C668 860 232 860 228 800Z';
const rim = 'M215 190C215 150 685 150 685 190C685 230 215 230 215 190Z';
const handle =
  'M676 330C790 300 872 370 872 480C872 600 790 690 668 668L670 606C750 622 806 570 806 482C806 402 752 372 675 394Z';

/** A mug from the front, in the garment's colour. */
export function mug(scene: Scene): void {
  const { ctx, design } = scene;
  const { garment } = design.palette;
  const dark = isDark(garment);
  backdrop(scene);

  ctx.save();
  ctx.filter = 'blur(26px)';
  ctx.fillStyle = 'rgba(30,22,14,0.4)';
  ctx.beginPath();
  ctx.ellipse(470, 842, 300, 34, 0, 0, 2 * Math.PI);
  ctx.fill();
  ctx.restore();

  for (const part of [handle, body]) {
    ctx.fillStyle = garment;
    ctx.fill(new Path2D(part));
    ctx.save();
    ctx.clip(new Path2D(part));
    shade(
      ctx,
      [215, 0],
      [685, 0],
      [
        [0, -0.22],
        [0.14, 0],
        [0.3, dark ? 0.1 : 0.2],
        [0.5, 0],
        [0.84, -0.08],
        [1, -0.26],
      ],
    );
    ctx.restore();
  }
  printOn(scene, 267, 250, 366);
  ctx.save();
  ctx.clip(new Path2D(body));
  shade(
    ctx,
    [215, 0],
    [685, 0],
    [
      [0, -0.1],
      [0.2, 0],
      [0.26, 0.12],
      [0.33, 0],
      [0.85, 0],
      [1, -0.14],
    ],
  );
  ctx.restore();

  ctx.fillStyle = mix(garment, '#ffffff', dark ? 0.14 : 0.5);
  ctx.fill(new Path2D(rim));
  ctx.save();
  ctx.translate(450, 190);
  ctx.scale(0.965, 0.84);
  ctx.translate(-450, -190);
  ctx.fillStyle = mix(garment, '#000000', dark ? 0.4 : 0.28);
  ctx.fill(new Path2D(rim));
  ctx.restore();
}
