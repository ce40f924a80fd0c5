import { createHash } from 'node:crypto';

/** A reproducible source of choices: the same text always gives the same sequence. */
export interface Seed {
  /** Next number, 0 ≤ n < 1. */
  next(): number;
  /** Next choice among `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
}

/** Numbers are the successive 32-bit words of sha256(text), sha256(text + 1), …: no state outside, equal on every machine. */
export function seedFrom(text: string): Seed {
  let block = 0;
  let offset = 0;
  let bytes = createHash('sha256').update(text).digest();

  const next = (): number => {
    if (offset + 4 > bytes.length) {
      block += 1;
      offset = 0;
      bytes = createHash('sha256').update(`${text}\n${block}`).digest();
    }
    const word = bytes.readUInt32BE(offset);
    offset += 4;
    return word / 2 ** 32;
  };

  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick from');
    return item;
  };

  return { next, pick };
}
