import { removeFromIdentifier } from '../privacy/personal-data.js';

/** The name under which the signals of an address are known: engagement is compared within it. No query, nothing personal. */
export function sourceName(address: string): string {
  const { host, pathname } = new URL(address);
  const path = pathname.replace(/\/+$/, '');
  return `feed:${removeFromIdentifier(`${host}${path}`)}`.slice(0, 200);
}
