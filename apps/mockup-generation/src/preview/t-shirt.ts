import { Path2D } from '@napi-rs/canvas';
import type { Scene } from './scene.js';
import { backdrop, isDark, mix, printOn, shade } from './scene.js';

const body =
  'M392 104C330 122 268 142 226 162C196 178 176 202 160 238L92 402C88 412 92 420 102 425L214 470C222 473 229 470 232 462' +
  'L262 392C268 520 268 720 256 896C255 912 264 920 280 922C420 938 580 938 720 922C736 920 745 912 744 896' +
  'C732 720 732 520 738 392L768 462C771 470 778 473 786 470L898 425C908 420 912 412 908 402L840 238' +
  'C824 202 804 178 774 162C732 142 670 122 608 104C590 168 550 192 500 192C450 192 410 168 392 104Z';
const inside = 'M392 104C440 88 560 88 608 104C590 168 550 192 500 192C450 192 410 168 392 104Z';
/** Back of the neck, seen through the opening. */
const nape = 'M392 104C440 88 560 88 608 104L596 134C560 150 440 150 404 134Z';
const collar =
  'M392 104C410 168 450 192 500 192C550 192 590 168 608 104L630 111C606 192 560 220 500 220C440 220 394 192 370 111Z';
const seams = 'M262 392C256 320 248 262 232 210M738 392C744 320 752 262 768 210';
const folds = [
  'M300 470C340 600 330 720 296 850',
  'M700 450C668 600 672 730 706 860',
  'M270 405C330 440 380 450 430 440',
  'M730 405C672 440 620 452 572 442',
];

/** A T-shirt laid flat, with the design on its chest. */
export function tShirt(scene: Scene): void {
  const { ctx, design } = scene;
  const { garment } = design.palette;
  const dark = isDark(garment);
  backdrop(scene);

  ctx.save();
  ctx.shadowColor = 'rgba(30,22,14,0.38)';
  ctx.shadowBlur = 42;
  ctx.shadowOffsetY = 20;
  ctx.fillStyle = garment;
  ctx.fill(new Path2D(body));
  ctx.restore();
  ctx.fillStyle = mix(garment, '#000000', dark ? 0.35 : 0.2);
  ctx.fill(new Path2D(inside));
  ctx.fillStyle = mix(garment, '#000000', dark ? 0.12 : 0.07);
  ctx.fill(new Path2D(nape));

  ctx.save();
  ctx.clip(new Path2D(body));
  shade(
    ctx,
    [0, 0],
    [1_000, 0],
    [
      [0.1, -0.2],
      [0.26, 0],
      [0.4, dark ? 0.05 : 0.12],
      [0.66, 0],
      [0.78, -0.1],
      [0.92, -0.24],
    ],
  );
  shade(
    ctx,
    [0, 100],
    [0, 940],
    [
      [0, dark ? 0.05 : 0.1],
      [0.5, 0],
      [1, -0.12],
    ],
  );
  ctx.restore();

  printOn(scene, 303, 240, 394);

  ctx.save();
  ctx.clip(new Path2D(body));
  ctx.filter = 'blur(9px)';
  ctx.lineCap = 'round';
  for (const [index, fold] of folds.entries()) {
    ctx.lineWidth = index < 2 ? 20 : 13;
    ctx.strokeStyle = `rgba(0,0,0,${dark ? 0.2 : 0.1})`;
    ctx.stroke(new Path2D(fold));
    ctx.translate(12, 5);
    ctx.strokeStyle = `rgba(255,255,255,${dark ? 0.06 : 0.3})`;
    ctx.stroke(new Path2D(fold));
    ctx.translate(-12, -5);
  }
  ctx.filter = 'none';
  ctx.lineWidth = 2;
  ctx.strokeStyle = `rgba(0,0,0,${dark ? 0.35 : 0.16})`;
  ctx.stroke(new Path2D(seams));
  ctx.restore();

  ctx.fillStyle = mix(garment, dark ? '#ffffff' : '#000000', 0.055);
  ctx.fill(new Path2D(collar));
  ctx.strokeStyle = `rgba(0,0,0,${dark ? 0.4 : 0.18})`;
  ctx.lineWidth = 2;
  ctx.stroke(new Path2D(collar));
}
