import type { Scene } from './scene.js';
import { backdrop, printOn, shade } from './scene.js';

/** A framed poster on a wall; the paper has the garment's colour. */
export function posterOnWall(scene: Scene): void {
  const { ctx, design } = scene;
  backdrop(scene);
  ctx.save();
  ctx.shadowColor = 'rgba(30,22,14,0.45)';
  ctx.shadowBlur = 50;
  ctx.shadowOffsetX = 10;
  ctx.shadowOffsetY = 26;
  ctx.fillStyle = '#2a2622';
  ctx.fillRect(178, 80, 644, 816);
  ctx.restore();
  ctx.fillStyle = '#fbfaf6';
  ctx.fillRect(192, 94, 616, 788);
  ctx.fillStyle = design.palette.garment;
  ctx.fillRect(226, 128, 548, 720);
  printOn(scene, 242, 194, 516);
  ctx.save();
  ctx.beginPath();
  ctx.rect(192, 94, 616, 788);
  ctx.clip();
  shade(
    ctx,
    [192, 94],
    [808, 882],
    [
      [0, 0.1],
      [0.34, 0.03],
      [0.35, 0],
      [1, 0],
    ],
  );
  ctx.restore();
}
