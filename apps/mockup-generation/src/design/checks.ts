import { contrast } from './palettes.js';
import { printHeight, printWidth, safeMargin } from './stage.js';

/** Pixels as the canvas holds them: RGBA, premultiplied, row by row. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** What was measured on the pixels of a design. */
export interface PrintReport {
  /** Share of the print area that carries ink, 0..1. */
  readonly inkShare: number;
  /** Share of the solid ink whose contrast with the garment is at least 3 : 1, 0..1. */
  readonly legibleShare: number;
  readonly marginClear: boolean;
}

export interface PrintFault {
  readonly code: 'size-wrong' | 'margin-violated' | 'design-blank' | 'design-flooded' | 'contrast-low';
  readonly message: string;
}

const leastInk = 0.03;
const mostInk = 0.75;
const leastContrast = 3;
const leastLegible = 0.97;
/** Every eighth pixel each way: 380 000 samples, which is plenty for shares. */
const stride = 8;

/** Measures a rendered design against its garment; `garment` is `#rrggbb`. */
export function inspectPrint(pixels: Pixels, garment: string): PrintReport {
  let inked = 0;
  let solid = 0;
  let legible = 0;
  let samples = 0;
  const contrasts = new Map<number, boolean>();
  for (let y = 0; y < pixels.height; y += stride) {
    for (let x = 0; x < pixels.width; x += stride) {
      samples += 1;
      const rgba = pixels.data.readUInt32BE((y * pixels.width + x) * 4);
      const alpha = rgba & 255;
      if (alpha > 8) inked += 1;
      if (alpha !== 255) continue;
      solid += 1;
      const colour = rgba >>> 8;
      let enough = contrasts.get(colour);
      if (enough === undefined) {
        enough = contrast(`#${colour.toString(16).padStart(6, '0')}`, garment) >= leastContrast;
        contrasts.set(colour, enough);
      }
      if (enough) legible += 1;
    }
  }
  return {
    inkShare: inked / samples,
    legibleShare: solid === 0 ? 0 : legible / solid,
    marginClear: isMarginClear(pixels),
  };
}

/** Why a design must not be printed, or undefined. */
export function faultOf(pixels: Pixels, report: PrintReport): PrintFault | undefined {
  if (pixels.width !== printWidth || pixels.height !== printHeight) {
    return { code: 'size-wrong', message: `The design has ${pixels.width} × ${pixels.height} pixels.` };
  }
  if (!report.marginClear)
    return { code: 'margin-violated', message: `Ink is closer than ${safeMargin} px to the edge.` };
  const share = `${(report.inkShare * 100).toFixed(1)} %`;
  if (report.inkShare < leastInk) return { code: 'design-blank', message: `Only ${share} of the design carry ink.` };
  if (report.inkShare > mostInk) return { code: 'design-flooded', message: `${share} of the design carry ink.` };
  if (report.legibleShare < leastLegible) {
    return { code: 'contrast-low', message: 'Too much of the ink does not stand out from the garment.' };
  }
  return undefined;
}

function isMarginClear({ data, width, height }: Pixels): boolean {
  // One pixel of tolerance: an antialiased edge that ends on the margin spills into its neighbour.
  const margin = safeMargin - 1;
  const isClear = (y: number, from: number, to: number): boolean => {
    for (let at = (y * width + from) * 4 + 3; at < (y * width + to) * 4; at += 4) if (data[at] !== 0) return false;
    return true;
  };
  for (let y = 0; y < height; y += 1) {
    const inside = y >= margin && y < height - margin;
    const clear = inside ? isClear(y, 0, margin) && isClear(y, width - margin, width) : isClear(y, 0, width);
    if (!clear) return false;
  }
  return true;
}
