import { createCanvas } from '@napi-rs/canvas';
import type { PrintFault, PrintReport } from './checks.js';
import { faultOf, PrintInspector } from './checks.js';
import type { Design } from './design.js';
import { PngEncoder } from './png.js';
import { printDpi, printHeight, printWidth } from './stage.js';

export interface Print {
  /** PNG, 4500 × 5400, 300 dpi, transparent where the garment shows. */
  readonly png: Buffer;
  readonly report: PrintReport;
}

export type PrintResult = { readonly print: Print } | { readonly fault: PrintFault };

/** Rows that are painted at a time. The whole picture would be 97 MB, and as much again for each copy of it. */
const bandHeight = 540;

/**
 * Renders a design at full size, checks its pixels, and encodes it, band by band. Run one at a time: painting takes the main
 * thread for some milliseconds per band.
 */
export async function renderPrint(design: Design): Promise<PrintResult> {
  const canvas = createCanvas(printWidth, bandHeight);
  const ctx = canvas.getContext('2d');
  const inspector = new PrintInspector(printWidth, design.palette.garment);
  const encoder = new PngEncoder(printWidth, printHeight, printDpi);
  for (let top = 0; top < printHeight; top += bandHeight) {
    ctx.clearRect(0, 0, printWidth, bandHeight);
    ctx.save();
    ctx.translate(0, -top);
    design.paint(ctx);
    ctx.restore();
    const { data } = ctx.getImageData(0, 0, printWidth, bandHeight);
    inspector.add(data);
    await encoder.add(data);
  }
  // Gives the pixels back now, not when the collector finds the small object that holds them.
  canvas.width = 1;
  canvas.height = 1;
  const report = inspector.report();
  const fault = faultOf(report);
  const png = await encoder.finish();
  return fault === undefined ? { print: { png, report } } : { fault };
}
