import { lookup as resolve } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { carriesSecret } from '../normalisation/canonical-url.js';
import { FetchError } from './fetching.errors.js';

const publicPorts: ReadonlySet<string> = new Set(['', '80', '443', '8080']);
const longestUrl = 2_000;

/** Whether an IP address belongs to the public internet: unicast, not private, local, reserved or a tunnel into such. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'unicast';
}

/**
 * Checks what can be checked before a name is resolved. Called again for every redirect.
 *
 * @param allowPrivate any port, and addresses of private networks
 * @throws FetchError with code `source-not-allowed`
 */
export function checkedUrl(text: string, allowPrivate: boolean): URL {
  const url = text.length > longestUrl ? null : URL.parse(text);
  if (url === null) throw notAllowed('it is not an absolute http(s) address of at most 2000 characters');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw notAllowed('only http and https are fetched');
  if (carriesSecret(url)) throw notAllowed('it carries a user, a password, a token or an e-mail address');
  url.hash = '';
  if (allowPrivate) return url;
  if (!publicPorts.has(url.port)) throw notAllowed('only the ports 80, 443 and 8080 are fetched from');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw notPublic();
  if (/(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/i.test(host)) throw notPublic();
  return url;
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Resolves a name for a socket and refuses it unless every address is public. The socket connects to what was checked, so an
 * answer that changes between check and connection (DNS rebinding) changes nothing.
 */
export function publicLookup(host: string, options: LookupOptions, callback: LookupCallback): void {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, []);
      return;
    }
    const first = addresses[0];
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      callback(notPublic(), []);
    } else if (options.all === true) {
      callback(null, addresses);
    } else {
      callback(null, first.address, first.family);
    }
  });
}

function notPublic(): FetchError {
  return notAllowed('it does not lead to a public address');
}

function notAllowed(reason: string): FetchError {
  return new FetchError(`This address is not fetched: ${reason}.`, 'source-not-allowed');
}
