type Bytes = string | Buffer | null | undefined;

/** A record as the library gives it away to be written. */
export interface UnwrittenRecord {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: Bytes;
  readonly value?: Bytes;
  readonly headers?: Readonly<Record<string, Bytes | readonly Bytes[]>>;
}

/** What the library copies into its request; it looks at both. */
export interface WrittenRecord {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/**
 * Writes one record (format 2) in the library's place, which makes a buffer of 512 bytes for each header and a few more: for an event
 * with nine headers that is more than all else that the client does for it. The bytes are the same, and the spec compares them.
 */
export function writeRecord({
  offsetDelta = 0,
  timestampDelta = 0,
  key,
  value,
  headers = {},
}: UnwrittenRecord): WrittenRecord {
  const list = listOf(headers);
  let length =
    1 + sizeOf(timestampDelta) + sizeOf(offsetDelta) + sizeOfBytes(key) + sizeOfBytes(value) + sizeOf(list.length);
  for (const { name, value: text } of list) length += name.length + sizeOfBytes(text);
  const write = new Writer(Buffer.allocUnsafe(sizeOf(length) + length));
  write.number(length);
  // Attributes, of which there are none.
  write.at = write.into.writeUInt8(0, write.at);
  write.number(timestampDelta);
  write.number(offsetDelta);
  write.bytes(key);
  write.bytes(value);
  write.number(list.length);
  for (const { name, value: text } of list) {
    write.at += name.copy(write.into, write.at);
    write.bytes(text);
  }
  return { buf: write.into, buffer: write.into };
}

interface Header {
  /** With its length in front. */
  readonly name: Buffer;
  readonly value: Bytes;
}

/** A value that is a list is a header that is there more than once. */
function listOf(headers: NonNullable<UnwrittenRecord['headers']>): Header[] {
  const list: Header[] = [];
  for (const key of Object.keys(headers)) {
    const name = entryOf(key);
    const value = headers[key];
    if (!isList(value)) list.push({ name, value });
    else for (const one of value) list.push({ name, value: one });
  }
  return list;
}

const isList = (value: Bytes | readonly Bytes[]): value is readonly Bytes[] => Array.isArray(value);

/** The same few names stand in every message. */
const entries = new Map<string, Buffer>();
const MOST_ENTRIES = 64;

function entryOf(name: string): Buffer {
  const known = entries.get(name);
  if (known !== undefined) return known;
  const write = new Writer(Buffer.allocUnsafe(sizeOfBytes(name)));
  write.bytes(name);
  if (entries.size < MOST_ENTRIES) entries.set(name, write.into);
  return write.into;
}

class Writer {
  at = 0;

  constructor(readonly into: Buffer) {}

  /** As many bytes as it needs, seven bits in each. */
  number(value: number): void {
    let rest = zigzag(value);
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.into[this.at++] = (rest % 0x80) | 0x80;
    this.into[this.at++] = rest;
  }

  /** The length in front, which is -1 for nothing. */
  bytes(value: Bytes): void {
    if (value === null || value === undefined) {
      this.number(-1);
      return;
    }
    this.number(Buffer.byteLength(value));
    this.at += typeof value === 'string' ? this.into.write(value, this.at) : value.copy(this.into, this.at);
  }
}

function sizeOfBytes(value: Bytes): number {
  if (value === null || value === undefined) return sizeOf(-1);
  const length = Buffer.byteLength(value);
  return sizeOf(length) + length;
}

function sizeOf(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** Small numbers below zero are small, too. Exact for 53 bits, which no time and no length exceeds. */
const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
