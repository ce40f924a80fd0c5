import { once } from 'node:events';
import { crc32, createDeflate } from 'node:zlib';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');
/** Flat colours compress well without row filters; beyond level 5 the time grows and the file hardly shrinks. */
const compression = { level: 5, memLevel: 9 };
const inchesPerMetre = 39.3701;

function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/**
 * Encodes a PNG (RGBA, 8 bits, not interlaced) band by band, so that the picture is never in memory as a whole. Compression
 * happens off the main thread.
 */
export class PngEncoder {
  private readonly deflate = createDeflate(compression);
  private readonly packed: Buffer[] = [];
  /** The rows at work; one piece of memory for all bands of a height, since each is compressed before the next comes. */
  private filtered = Buffer.alloc(0);

  /** @param dpi written as pixels per metre, which is what the format knows */
  constructor(
    private readonly width: number,
    private readonly height: number,
    private readonly dpi: number,
  ) {
    this.deflate.on('data', (data: Buffer) => this.packed.push(data));
  }

  /** Adds rows of straight (not premultiplied) RGBA; the caller may use the memory again when this resolves. */
  async add(rgba: Uint8ClampedArray): Promise<void> {
    const stride = this.width * 4;
    const rows = rgba.length / stride;
    const pixels = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
    const length = (stride + 1) * rows;
    // Each row begins with the number of its filter; 0 is none.
    if (this.filtered.length !== length) this.filtered = Buffer.alloc(length);
    const { filtered } = this;
    for (let row = 0; row < rows; row += 1)
      pixels.copy(filtered, row * (stride + 1) + 1, row * stride, (row + 1) * stride);
    await new Promise<void>((resolve, reject) => {
      this.deflate.write(filtered, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The finished file. */
  async finish(): Promise<Buffer> {
    this.deflate.end();
    await once(this.deflate, 'end');
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.width, 0);
    header.writeUInt32BE(this.height, 4);
    // 8 bits, colour type 6 (RGBA), and the only compression, filter and interlace methods that matter.
    header.set([8, 6, 0, 0, 0], 8);
    const density = Buffer.alloc(9);
    const perMetre = Math.round(this.dpi * inchesPerMetre);
    density.writeUInt32BE(perMetre, 0);
    density.writeUInt32BE(perMetre, 4);
    density[8] = 1;
    const sections: [string, Buffer][] = [
      ['IHDR', header],
      ['sRGB', Buffer.from([0])],
      ['pHYs', density],
      ['IDAT', Buffer.concat(this.packed)],
      ['IEND', Buffer.alloc(0)],
    ];
    return Buffer.concat([signature, ...sections.map(([type, data]) => chunk(type, data))]);
  }
}
