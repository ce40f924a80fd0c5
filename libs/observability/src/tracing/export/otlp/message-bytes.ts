/** The longest varint: 64 bits, 7 in each byte. */
const VARINT_BYTES = 10;
const TWO_32 = 2 ** 32;

/** The value of a hexadecimal digit by its character code; 0 for what is none. */
const HEX = new Uint8Array(128);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  HEX[digit.charCodeAt(0)] = value;
  HEX[digit.toUpperCase().charCodeAt(0)] = value;
}

const utf8 = new TextEncoder();

/**
 * Bytes of protobuf messages, written in one go: nothing is measured beforehand, and texts, ids and times leave no object behind.
 * A tag is the byte that stands in front of a field; that of `fixed32` may be larger than one byte.
 */
export class MessageBytes {
  private bytes: Uint8Array<ArrayBuffer>;
  private at = 0;

  /** @param capacity bytes that it has room for at first; it grows. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.at;
  }

  /** Takes back what was written last. */
  truncate(length: number): void {
    this.at = length;
  }

  /** What was written; no copy. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** Bytes as they are, without a tag. */
  append(written: MessageBytes): void {
    this.reserve(written.at);
    this.bytes.set(written.view(), this.at);
    this.at += written.at;
  }

  /**
   * Begins a message within the message, `lengthBytes` being how many bytes its length will likely take.
   *
   * @returns what `end` is to be given
   */
  begin(tag: number, lengthBytes: number): number {
    this.reserve(1 + lengthBytes);
    this.bytes[this.at++] = tag;
    const begun = this.at;
    this.at += lengthBytes;
    return begun;
  }

  /** Ends the innermost message that is open. */
  end(begun: number, lengthBytes: number): void {
    const length = this.at - begun - lengthBytes;
    const needed = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    if (needed !== lengthBytes) {
      this.reserve(VARINT_BYTES);
      this.bytes.copyWithin(begun + needed, begun + lengthBytes, this.at);
    }
    this.at = begun;
    this.varint(length);
    this.at += length;
  }

  /** A whole number from 0 to 2^32 - 1. */
  unsigned(tag: number, value: number): void {
    this.reserve(2 + VARINT_BYTES);
    this.bytes[this.at++] = tag;
    this.varint(value);
  }

  /** A whole number between -(2^63) and 2^63. */
  signed(tag: number, value: number): void {
    if (value >= 0 && value < TWO_32) {
      this.unsigned(tag, value);
      return;
    }
    this.reserve(1 + VARINT_BYTES);
    this.bytes[this.at++] = tag;
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.bytes[this.at++] = Number(rest & 0x7fn) | 0x80;
    this.bytes[this.at++] = Number(rest);
  }

  double(tag: number, value: number): void {
    this.reserve(9);
    this.bytes[this.at++] = tag;
    new DataView(this.bytes.buffer).setFloat64(this.at, value, true);
    this.at += 8;
  }

  fixed32(tag: number, value: number): void {
    this.reserve(2 + 4);
    this.varint(tag);
    this.fixed(value);
  }

  /** Nanoseconds of the epoch as a fixed64. No number holds them: what two halves of the seconds come to is put together. */
  time(tag: number, [seconds, nanoseconds]: readonly [number, number]): void {
    this.reserve(9);
    this.bytes[this.at++] = tag;
    const upper = (seconds >>> 16) * 1e9;
    const upperHigh = Math.floor(upper / 65_536);
    const lower = (upper - upperHigh * 65_536) * 65_536 + (seconds & 0xffff) * 1e9 + nanoseconds;
    this.fixed(lower);
    this.fixed(upperHigh + Math.floor(lower / TWO_32));
  }

  /** The bytes that hexadecimal digits stand for. */
  hex(tag: number, digits: string): void {
    const length = digits.length >>> 1;
    this.reserve(2 + VARINT_BYTES + length);
    this.bytes[this.at++] = tag;
    this.varint(length);
    const { bytes } = this;
    let { at } = this;
    for (let index = 0; index < length * 2; index += 2) {
      bytes[at++] = ((HEX[digits.charCodeAt(index)] ?? 0) << 4) | (HEX[digits.charCodeAt(index + 1)] ?? 0);
    }
    this.at = at;
  }

  raw(tag: number, value: Uint8Array): void {
    this.reserve(1 + VARINT_BYTES + value.length);
    this.bytes[this.at++] = tag;
    this.varint(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** Nearly all texts are ASCII, and most are too short for a call out of JavaScript to pay. */
  text(tag: number, text: string): void {
    const { length } = text;
    this.reserve(1 + VARINT_BYTES + length);
    const before = this.at;
    this.bytes[this.at++] = tag;
    this.varint(length);
    const { bytes } = this;
    let { at } = this;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.at = before;
        this.raw(tag, utf8.encode(text));
        return;
      }
      bytes[at++] = code;
    }
    this.at = at;
  }

  private varint(value: number): void {
    const { bytes } = this;
    let { at } = this;
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at++] = rest;
    this.at = at;
  }

  /** The lowest 32 bits, the least of them first. */
  private fixed(value: number): void {
    const { bytes, at } = this;
    const bits = value >>> 0;
    bytes[at] = bits & 0xff;
    bytes[at + 1] = (bits >>> 8) & 0xff;
    bytes[at + 2] = (bits >>> 16) & 0xff;
    bytes[at + 3] = bits >>> 24;
    this.at = at + 4;
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
}
