import type { SKRSContext2D } from '@napi-rs/canvas';
import { Path2D } from '@napi-rs/canvas';

/** Draws a 24 × 24 silhouette in the current fill, centred at x, y. */
export function fillIcon(ctx: SKRSContext2D, path: string, x: number, y: number, size: number): void {
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.scale(size / 24, size / 24);
  ctx.fill(new Path2D(path), 'evenodd');
  ctx.restore();
}

/** Draws a silhouette and a border of `border` pixels around it in the current colours. */
export function fillIconWithBorder(
  ctx: SKRSContext2D,
  path: string,
  place: { readonly x: number; readonly y: number; readonly size: number },
  border: number,
): void {
  const scale = place.size / 24;
  ctx.save();
  ctx.translate(place.x - place.size / 2, place.y - place.size / 2);
  ctx.scale(scale, scale);
  ctx.lineJoin = 'round';
  ctx.lineWidth = (2 * border) / scale;
  ctx.stroke(new Path2D(path));
  ctx.fill(new Path2D(path), 'evenodd');
  ctx.restore();
}

/** A horizontal rule with round ends, centred on y. */
export function rule(ctx: SKRSContext2D, x1: number, x2: number, y: number, thickness: number): void {
  if (x2 - x1 < thickness) return;
  ctx.beginPath();
  ctx.roundRect(x1, y - thickness / 2, x2 - x1, thickness, thickness / 2);
  ctx.fill();
}

/** Rays of a half sun above a centre, from 180° to 360°. */
export function halfRays(
  ctx: SKRSContext2D,
  centre: { readonly x: number; readonly y: number },
  inner: number,
  outer: number,
  count: number,
): void {
  for (let index = 0; index < count; index += 1) {
    const angle = Math.PI + (Math.PI * (index + 0.5)) / count;
    const reach = index % 2 === 0 ? outer : inner + (outer - inner) * 0.66;
    const spread = (Math.PI / count) * 0.2;
    ctx.beginPath();
    ctx.moveTo(centre.x + inner * Math.cos(angle - spread), centre.y + inner * Math.sin(angle - spread));
    ctx.lineTo(centre.x + reach * Math.cos(angle), centre.y + reach * Math.sin(angle));
    ctx.lineTo(centre.x + inner * Math.cos(angle + spread), centre.y + inner * Math.sin(angle + spread));
    ctx.closePath();
    ctx.fill();
  }
}

/** A disc whose edge is a ring of bumps. */
export function scallop(ctx: SKRSContext2D, x: number, y: number, radius: number, bumps: number): void {
  const bump = (Math.PI * radius) / bumps;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
  for (let index = 0; index < bumps; index += 1) {
    const angle = (2 * Math.PI * index) / bumps;
    ctx.beginPath();
    ctx.arc(x + radius * Math.cos(angle), y + radius * Math.sin(angle), bump * 0.82, 0, 2 * Math.PI);
    ctx.fill();
  }
}
