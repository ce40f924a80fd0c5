import { removeFromIdentifier } from '../privacy/personal-data.js';

const longestUrl = 2_000;
const trackingParameter =
  /^(?:utm_.*|mtm_.*|pk_(?:campaign|kwd|source|medium)|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|igshid|twclid|ttclid|mc_[ce]id|mkt_tok|_hsenc|_hsmi|wt_mc|ref_src|ref_url|cmpid|ocid|at_(?:medium|campaign)|__twitter_impression|spm|s_cid)$/i;
const secretParameter =
  /token|key$|^key|secret|passw|pwd|auth|session|sid$|^sig|signature|credential|e-?mail|phone|user|login|jwt/i;

export interface CanonicalUrl {
  /** What makes two addresses the same: no fragment, no tracking, parameters sorted, `http` as `https`. Only to be hashed. */
  readonly identity: string;
  /** What may be kept and shown; null when the address itself names a person or holds a secret. */
  readonly shown: string | null;
}

/** @returns null for what is no http(s) address. */
export function canonicalUrl(text: string, base: string | null = null): CanonicalUrl | null {
  const url = parse(text.trim(), base);
  if (url === null || url.href.length > longestUrl * 2) return null;
  url.hash = '';
  url.username = '';
  url.password = '';
  for (const name of [...new Set(url.searchParams.keys())]) {
    if (trackingParameter.test(name)) url.searchParams.delete(name);
  }
  if (url.search === '') url.search = '';
  const identity = new URL(url);
  identity.searchParams.sort();
  if (identity.protocol === 'http:' && identity.port === '') identity.protocol = 'https:';
  return { identity: identity.href, shown: shownPart(url) };
}

/** Whether the address carries a user, a password, a token, an e-mail address or the like in its query. */
export function carriesSecret(url: URL): boolean {
  return url.username !== '' || url.password !== '' || [...url.searchParams].some(isSecretParameter);
}

function parse(text: string, base: string | null): URL | null {
  const site = base !== null && URL.canParse(base) ? base : undefined;
  const url = URL.parse(text, site);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : null;
}

function shownPart(url: URL): string | null {
  const shown = new URL(url);
  for (const parameter of [...shown.searchParams]) {
    if (isSecretParameter(parameter)) shown.searchParams.delete(parameter[0]);
  }
  if (shown.href.length > longestUrl || namesSomebody(shown.pathname)) return null;
  return shown.href;
}

function isSecretParameter([name, value]: readonly [string, string]): boolean {
  return secretParameter.test(name) || removeFromIdentifier(value) !== value;
}

function namesSomebody(path: string): boolean {
  const text = decoded(path);
  return removeFromIdentifier(text) !== text || /\/(?:user|users|profile)\//i.test(text);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
