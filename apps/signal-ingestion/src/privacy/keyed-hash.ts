import { createHmac } from 'node:crypto';

/** What is hashed; values of different kinds never give the same hash. */
export type HashedKind = 'external' | 'url' | 'title' | 'author';

/**
 * Stands for a value that is compared but not kept. The key is the installation's own, so that nobody who only has the hashes
 * can find an author by trying names.
 */
export class KeyedHash {
  constructor(private readonly key: string) {}

  of(kind: HashedKind, value: string): string {
    return createHmac('sha256', this.key).update(`${kind}\n${value}`).digest('base64url');
  }
}
