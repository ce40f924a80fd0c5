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

interface Picture {
  readonly product: Product;
  readonly webp: Buffer;
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
    // Side by side: this thread paints while others compress what is painted already.
    const [result, pictures] = await Promise.all([
      this.timed('design', () => renderPrint(design)),
      Promise.all(products.map((product) => this.picture(design, product))),
    ]);
    if ('fault' in result) return { failure: result.fault };
    const [stored, previews] = await Promise.all([
      this.keep('design', result.print.png, 'image/png', [printWidth, printHeight]),
      Promise.all(pictures.map((picture) => this.keepPreview(picture))),
    ]);
    return { template: design.template, palette: design.palette.name, design: stored, previews };
  }

  private async picture(design: Design, product: Product): Promise<Picture> {
    return { product, webp: await this.timed('preview', () => renderPreview(design, product)) };
  }

  private async keepPreview({ product, webp }: Picture): Promise<Preview> {
    return { product, file: await this.keep('preview', webp, 'image/webp', [previewSize, previewSize]) };
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
