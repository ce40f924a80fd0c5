import type { KafkaMessage } from './kafka.message.js';

/**
 * Writes the headers of records in the library's place: it makes a buffer of 512 bytes for each header, which cost more than all
 * the rest of an event. A message is handed over with its headers packed into its value; a codec, which the library gives the
 * records of a batch before they are sent, puts both where they belong. The broker gets what it would have got (record format 2,
 * no compression), and the spec compares the bytes.
 */
export const recordsCodec = {
  compress: (encoded: { readonly buffer: Buffer }): Promise<Buffer> => Promise.resolve(unpacked(encoded.buffer)),
  decompress: (): Promise<Buffer> => Promise.reject(new Error('nothing is ever compressed with this codec')),
};

/** The library marks a batch with the low three bits of a codec's number, which here say: no compression. */
export const RECORDS_CODEC: number = 8;

/** Of the value, in front of it. */
const LENGTH_BYTES = 4;
const LONGEST_VARINT = 5;

/** The length of the value, the value, and the headers as they stand at the end of a record. */
export function packed({ value, headers }: KafkaMessage): Buffer {
  const names = Object.keys(headers);
  const valueBytes = Buffer.byteLength(value);
  let most = LENGTH_BYTES + valueBytes + LONGEST_VARINT;
  for (const name of names) most += entryOf(name).length + LONGEST_VARINT + Buffer.byteLength(headers[name] ?? '');
  const into = Buffer.allocUnsafe(most);
  let at = into.writeUInt32BE(valueBytes);
  at += into.write(value, at);
  at = writeVarint(into, names.length, at);
  for (const name of names) {
    const text = headers[name] ?? '';
    at += entryOf(name).copy(into, at);
    at = writeVarint(into, Buffer.byteLength(text), at);
    at += into.write(text, at);
  }
  return into.subarray(0, at);
}

/** The same few names stand in every message. */
const entries = new Map<string, Buffer>();
const MOST_ENTRIES = 64;

function entryOf(name: string): Buffer {
  const known = entries.get(name);
  if (known !== undefined) return known;
  const bytes = Buffer.from(name);
  const length = Buffer.alloc(LONGEST_VARINT);
  const entry = Buffer.concat([length.subarray(0, writeVarint(length, bytes.length, 0)), bytes]);
  if (entries.size < MOST_ENTRIES) entries.set(name, entry);
  return entry;
}

/** Records as the library wrote them, each with a packed value and no headers, as they have to be. */
function unpacked(records: Buffer): Buffer {
  const read = new Reader(records);
  // A record loses the length in its value and the zero for its headers, and gains nothing.
  const into = Buffer.allocUnsafe(records.length);
  let at = 0;
  while (read.at < records.length) {
    read.varint();
    const head = read.at;
    read.at += 1;
    read.varint();
    read.varint();
    const keyBytes = read.varint();
    const headEnd = read.at + Math.max(keyBytes, 0);
    read.at = headEnd;
    const packedBytes = read.varint();
    const packedEnd = read.at + packedBytes;
    const value = read.at + LENGTH_BYTES;
    const valueBytes = records.readUInt32BE(read.at);
    const length = headEnd - head + varintBytes(valueBytes) + packedEnd - value;
    at = writeVarint(into, length, at);
    at += records.copy(into, at, head, headEnd);
    at = writeVarint(into, valueBytes, at);
    at += records.copy(into, at, value, packedEnd);
    // The library's own count of headers, which is zero.
    read.at = packedEnd + 1;
  }
  return into.subarray(0, at);
}

class Reader {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Of 32 bits; a timestamp's delta of more is only moved past. */
  varint(): number {
    let raw = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes.readUInt8(this.at++);
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** Zigzag, for what is not negative. @returns where it ends */
function writeVarint(into: Buffer, value: number, from: number): number {
  let at = from;
  let rest = value << 1;
  while (rest >= 0x80) {
    into[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  into[at++] = rest;
  return at;
}
