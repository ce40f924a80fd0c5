/** What the library knows of the batch that a record is in. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly timestampType: number;
  readonly magicByte: number;
  readonly isControlBatch: boolean;
}

type HeaderValue = Buffer | null;

/** A record as the library hands it on. */
export interface LibraryRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, HeaderValue | HeaderValue[]>>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

const LOG_APPEND_TIME = 1;

/**
 * Reads one record in the library's place, which copies all headers so far for each further one, and does its sums in 64-bit objects:
 * for an event with nine headers that is more than all else that the client does for it. What comes out is the same, and the spec
 * compares it.
 */
export function readRecord({ buffer }: { readonly buffer: Buffer }, batchContext: BatchContext): LibraryRecord {
  const { firstOffset, firstTimestamp, maxTimestamp, timestampType, magicByte, isControlBatch } = batchContext;
  const read = new Reader(buffer);
  const attributes = buffer.readInt8(0);
  read.at = 1;
  const timestampDelta = read.varlong();
  const offsetDelta = read.varint();
  return {
    magicByte,
    attributes,
    timestamp:
      timestampType === LOG_APPEND_TIME && maxTimestamp !== '' ? maxTimestamp : sum(firstTimestamp, timestampDelta),
    offset: sum(firstOffset, offsetDelta),
    key: bytesOf(read),
    value: bytesOf(read),
    headers: headersOf(read),
    isControlRecord: isControlBatch,
    batchContext,
  };
}

function headersOf(read: Reader): Record<string, HeaderValue | HeaderValue[]> {
  const headers: Record<string, HeaderValue | HeaderValue[]> = {};
  for (let left = read.varint(); left > 0; left -= 1) {
    const length = read.varint();
    const name = read.bytes.toString('utf8', read.at, read.at + length);
    read.at += length;
    const value = bytesOf(read);
    if (name in headers) repeat(headers, name, value);
    else headers[name] = value;
  }
  return headers;
}

/** A header that is there more than once is a list; one that has the name of something that every object has is a header. */
function repeat(headers: Record<string, HeaderValue | HeaderValue[]>, name: string, value: HeaderValue): void {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const list = Array.isArray(before) ? [...before, value] : [before ?? null, value];
  const all = before === undefined ? value : list;
  Object.defineProperty(headers, name, { value: all, enumerable: true, configurable: true, writable: true });
}

function bytesOf(read: Reader): Buffer | null {
  const length = read.varint();
  if (length < 0) return null;
  const bytes = read.bytes.subarray(read.at, read.at + length);
  read.at += length;
  return bytes;
}

function sum(text: string, delta: number): string {
  const number = Number(text) + delta;
  return String(Number.isSafeInteger(number) ? number : BigInt(text) + BigInt(delta));
}

/** Reads numbers as they stand in records. */
class Reader {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  /** Of 32 bits. */
  varint(): number {
    let raw = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
  }

  /** As far as a number is exact: 53 bits. */
  varlong(): number {
    let raw = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.bytes[this.at++] ?? 0;
      raw += (byte & 0x7f) * unit;
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    }
  }
}
