import { Injectable } from '@nestjs/common';
import type { Preview, Product, StoredFile } from '@signalpress/contracts';
import { Metrics } from '@signalpress/observability';
import type { Design, DesignBrief } from '../design/design.js';
import { composeDesign } from '../design/design.js';
import { renderPrint } from '../design/print.js';
import { printHeight, printWidth } from '../design/stage.js';
import { Typefaces } from '../design/typefaces.js';
import { FileStore } from '../files/file-store.js';
import { renderPreview } from '../preview/preview.js';
import { previewSize } from '../preview/scene.js';
import { fileBytes, renderSeconds } from './mockups.metrics.js';
import type { GeneratedMockup } from './mockups.repository.js';

export interface MockupFailure {
  readonly code: string;
  readonly message: string;
}

/** Makes the pictures of an idea and puts them in the file store. Equal briefs give equal files. */
@Injectable()
export class MockupsService {
  constructor(
    private readonly typefaces: Typefaces,
    private readonly store: FileStore,
    private readonly metrics: Metrics,
  ) {}

  /**
   * @returns the stored files, or why this design cannot be made
   * @throws StoreFullError when the disk has no room
   */
  async make(brief: DesignBrief, products: readonly Product[]): Promise<GeneratedMockup | { failure: MockupFailure }> {
    const missing = this.typefaces.missingIn(brief.phrase);
    if (missing !== undefined) {
      return { failure: { code: 'glyph-missing', message: `The fonts have no glyph for "${missing}".` } };
    }
    const design = composeDesign(brief);
    const result = await this.timed('design', () => renderPrint(design));
    if ('fault' in result) return { failure: result.fault };
    const stored = await this.keep('design', result.print.png, 'image/png', [printWidth, printHeight]);
    const previews: Preview[] = [];
    // One after the other: a picture at full size takes much memory, and the machine has other work.
    for (const product of products) previews.push({ product, file: await this.preview(design, product) });
    return { template: design.template, palette: design.palette.name, design: stored, previews };
  }

  private async preview(design: Design, product: Product): Promise<StoredFile> {
    const webp = await this.timed('preview', () => renderPreview(design, product));
    return this.keep('preview', webp, 'image/webp', [previewSize, previewSize]);
  }

  private async keep(
    kind: 'design' | 'preview',
    bytes: Buffer,
    mediaType: StoredFile['mediaType'],
    [width, height]: readonly [number, number],
  ): Promise<StoredFile> {
    this.metrics.histogram(fileBytes).observe(bytes.length, { kind });
    return { hash: await this.store.put(bytes), mediaType, bytes: bytes.length, width, height };
  }

  private async timed<T>(kind: 'design' | 'preview', work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.metrics.histogram(renderSeconds).observe((performance.now() - start) / 1_000, { kind });
    return result;
  }
}
