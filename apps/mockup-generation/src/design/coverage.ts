import { inflateSync } from 'node:zlib';

/**
 * Code points that a WOFF 1.0 font can draw, read from its `cmap` table (OpenType 1.9, formats 4 and 12). The canvas draws
 * an empty box for any other, without a word, so the phrase is checked before it is drawn.
 */
export function codePointsOf(woff: Buffer): Set<number> {
  const cmap = tableOf(woff, 'cmap');
  const points = new Set<number>();
  const tables = cmap.readUInt16BE(2);
  for (let index = 0; index < tables; index += 1) {
    const subtable = cmap.subarray(cmap.readUInt32BE(4 + index * 8 + 4));
    const format = subtable.readUInt16BE(0);
    if (format === 4) readSegments(subtable, points);
    if (format === 12) readGroups(subtable, points);
  }
  return points;
}

function tableOf(woff: Buffer, wanted: string): Buffer {
  if (woff.toString('latin1', 0, 4) !== 'wOFF') throw new Error('the file is not a WOFF 1.0 font');
  const tables = woff.readUInt16BE(12);
  for (let index = 0; index < tables; index += 1) {
    const entry = 44 + index * 20;
    if (woff.toString('latin1', entry, entry + 4) !== wanted) continue;
    const offset = woff.readUInt32BE(entry + 4);
    const packed = woff.readUInt32BE(entry + 8);
    const data = woff.subarray(offset, offset + packed);
    return packed < woff.readUInt32BE(entry + 12) ? inflateSync(data) : data;
  }
  throw new Error(`the font has no ${wanted} table`);
}

function readSegments(table: Buffer, points: Set<number>): void {
  const segments = table.readUInt16BE(6) / 2;
  const ends = 14;
  const starts = ends + segments * 2 + 2;
  const deltas = starts + segments * 2;
  const ranges = deltas + segments * 2;
  for (let segment = 0; segment < segments; segment += 1) {
    const end = table.readUInt16BE(ends + segment * 2);
    const start = table.readUInt16BE(starts + segment * 2);
    const delta = table.readUInt16BE(deltas + segment * 2);
    const rangeAt = ranges + segment * 2;
    const range = table.readUInt16BE(rangeAt);
    for (let point = start; point <= end && point !== 0xffff; point += 1) {
      const glyph = range === 0 ? (point + delta) & 0xffff : table.readUInt16BE(rangeAt + range + (point - start) * 2);
      if (glyph !== 0) points.add(point);
    }
  }
}

function readGroups(table: Buffer, points: Set<number>): void {
  const groups = table.readUInt32BE(12);
  for (let group = 0; group < groups; group += 1) {
    const at = 16 + group * 12;
    const end = table.readUInt32BE(at + 4);
    for (let point = table.readUInt32BE(at); point <= end; point += 1) points.add(point);
  }
}
