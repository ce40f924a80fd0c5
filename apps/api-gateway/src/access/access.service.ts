import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Who sends a request: the holder of the admin key, or anybody. */
export type Caller = 'admin' | 'anonymous';

/** Longer than any key that we would give out; a longer one is not worth hashing. */
const credentialMaxLength = 512;

/** Knows the admin key by its hash alone. */
@Injectable()
export class AccessService {
  private readonly expected: Buffer | undefined;

  /** @param adminKeySha256 hexadecimal; without it nobody has the key. */
  constructor(adminKeySha256: string | undefined) {
    this.expected = adminKeySha256 === undefined ? undefined : Buffer.from(adminKeySha256, 'hex');
  }

  /** Whether there is a key at all. */
  get configured(): boolean {
    return this.expected !== undefined;
  }

  /** Takes the value of an Authorization header; the comparison takes the same time wherever the key differs. */
  callerOf(authorization: string | undefined): Caller {
    if (this.expected === undefined || authorization === undefined) return 'anonymous';
    const key = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1];
    if (key === undefined || key.length > credentialMaxLength) return 'anonymous';
    return timingSafeEqual(createHash('sha256').update(key).digest(), this.expected) ? 'admin' : 'anonymous';
  }
}
