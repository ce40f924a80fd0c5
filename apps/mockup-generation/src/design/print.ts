import { createCanvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import type { PrintFault, PrintReport } from './checks.js';
import { faultOf, inspectPrint } from './checks.js';
import type { Design } from './design.js';
import { printDpi, printHeight, printWidth } from './stage.js';

export interface Print {
  /** PNG, 4500 × 5400, 300 dpi, transparent where the garment shows. */
  readonly png: Buffer;
  readonly report: PrintReport;
}

export type PrintResult = { readonly print: Print } | { readonly fault: PrintFault };

/**
 * Renders a design at full size, checks its pixels, and encodes it. Holds about 200 MB while it runs, so run one at a time;
 * encoding happens off the main thread.
 */
export async function renderPrint(design: Design): Promise<PrintResult> {
  const pixels = { data: paintFullSize(design), width: printWidth, height: printHeight };
  const report = inspectPrint(pixels, design.palette.garment);
  const fault = faultOf(pixels, report);
  if (fault !== undefined) return { fault };
  const raw = { width: printWidth, height: printHeight, channels: 4, premultiplied: true } as const;
  const png = await sharp(pixels.data, { raw, limitInputPixels: printWidth * printHeight })
    .withDensity(printDpi)
    .png({ compressionLevel: 6 })
    .toBuffer();
  return { print: { png, report } };
}

function paintFullSize(design: Design): Buffer {
  const canvas = createCanvas(printWidth, printHeight);
  try {
    design.paint(canvas.getContext('2d'));
    return canvas.data();
  } finally {
    // Gives the pixels back now, not when the collector finds the small object that holds them.
    canvas.width = 1;
    canvas.height = 1;
  }
}
