import { contrast } from './palettes.js';
import { printHeight, printWidth, safeMargin } from './stage.js';

/** What was measured on the pixels of a design. */
export interface PrintReport {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
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
/** One pixel of tolerance: an antialiased edge that ends on the margin spills into its neighbour. */
const margin = safeMargin - 1;

/** Measures a rendered design against its garment, band by band from the top. */
export class PrintInspector {
  private rows = 0;
  private samples = 0;
  private inked = 0;
  private solid = 0;
  private legible = 0;
  private marginClear = true;
  private readonly contrasts = new Map<number, boolean>();

  /** @param garment `#rrggbb` */
  constructor(
    private readonly width: number,
    private readonly garment: string,
  ) {}

  /** Adds the next rows, straight RGBA. */
  add(rgba: Uint8ClampedArray): void {
    const rows = rgba.length / (this.width * 4);
    for (let row = 0; row < rows; row += 1, this.rows += 1) {
      const line = rgba.subarray(row * this.width * 4, (row + 1) * this.width * 4);
      if (this.marginClear) this.marginClear = this.isMarginClear(line);
      if (this.rows % stride === 0) this.sample(line);
    }
  }

  report(): PrintReport {
    return {
      width: this.width,
      height: this.rows,
      inkShare: this.samples === 0 ? 0 : this.inked / this.samples,
      legibleShare: this.solid === 0 ? 0 : this.legible / this.solid,
      marginClear: this.marginClear,
    };
  }

  private sample(line: Uint8ClampedArray): void {
    for (let at = 0; at < line.length; at += stride * 4) {
      this.samples += 1;
      const alpha = line[at + 3] ?? 0;
      if (alpha > 8) this.inked += 1;
      if (alpha !== 255) continue;
      this.solid += 1;
      const colour = ((line[at] ?? 0) << 16) | ((line[at + 1] ?? 0) << 8) | (line[at + 2] ?? 0);
      if (this.isLegible(colour)) this.legible += 1;
    }
  }

  private isLegible(colour: number): boolean {
    const known = this.contrasts.get(colour);
    if (known !== undefined) return known;
    const legible = contrast(`#${colour.toString(16).padStart(6, '0')}`, this.garment) >= leastContrast;
    this.contrasts.set(colour, legible);
    return legible;
  }

  private isMarginClear(line: Uint8ClampedArray): boolean {
    const isClear = (from: number, to: number): boolean => {
      for (let at = from * 4 + 3; at < to * 4; at += 4) if (line[at] !== 0) return false;
      return true;
    };
    const inside = this.rows >= margin && this.rows < printHeight - margin;
    return inside ? isClear(0, margin) && isClear(this.width - margin, this.width) : isClear(0, this.width);
  }
}

/** Why a design must not be printed, or undefined. */
export function faultOf(report: PrintReport): PrintFault | undefined {
  if (report.width !== printWidth || report.height !== printHeight) {
    return { code: 'size-wrong', message: `The design has ${report.width} × ${report.height} pixels.` };
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
