import type { FeedEntry } from '../feeds/feed.types.js';
import type { KeyedHash } from '../privacy/keyed-hash.js';
import { removeFromIdentifier, removePersonalData } from '../privacy/personal-data.js';
import { canonicalUrl } from './canonical-url.js';
import { plainText, shortened } from './plain-text.js';
import { brokenRule } from './rules.js';
import type { RejectionRule } from './rules.js';

const titleLength = 300;
const summaryLength = 2_000;
const externalIdLength = 500;
const topicLength = 60;
const topicCount = 20;
const dayMs = 24 * 3_600_000;
const oldestDate = Date.UTC(1990, 0, 1);

/** What makes a signal the same as another, or an author the same; only hashes, the values are not kept. */
export interface DraftKeys {
  readonly external: string | null;
  readonly url: string | null;
  readonly title: string;
  readonly author: string | null;
}

/** A signal that is fit to be stored if it is new. */
export interface Draft {
  readonly externalId: string | null;
  readonly title: string;
  readonly summary: string;
  readonly url: string | null;
  readonly topics: readonly string[];
  readonly publishedAt: Date | null;
  readonly engagement: number | null;
  readonly keys: DraftKeys;
}

export interface RejectedEntry {
  readonly externalId: string | null;
  /** What is left of the title, or null. */
  readonly title: string | null;
  readonly rule: RejectionRule;
}

export interface NormaliseContext {
  readonly source: string;
  /** To which relative links belong. */
  readonly site: string | null;
  readonly capturedAt: Date;
  readonly hash: KeyedHash;
}

/** Makes a signal of an item, or says which rule it breaks. Nothing personal or secret is in what it returns. */
export function normalise(entry: FeedEntry, context: NormaliseContext): Draft | RejectedEntry {
  const { source, site, capturedAt, hash } = context;
  const text = plainText(entry.title ?? '');
  const title = shortened(removePersonalData(text), titleLength);
  const externalId = entry.externalId === null ? null : shownIdentifier(entry.externalId);
  const rule = brokenRule(text, title);
  if (rule !== null) return { externalId, title: title === '' ? null : title, rule };
  const link = entry.link === null ? null : canonicalUrl(entry.link, site);
  // Items that only lead to the site's front page are not the same because of it.
  const home = site === null ? null : canonicalUrl(site)?.identity;
  const author = normalisedAuthor(entry.author);
  return {
    externalId,
    title,
    summary: shortened(removePersonalData(plainText(entry.summary ?? '')), summaryLength),
    url: link?.shown ?? null,
    topics: normalisedTopics(entry.topics),
    publishedAt: plausibleDate(entry.published, capturedAt),
    engagement: entry.engagement,
    keys: {
      external: entry.externalId === null ? null : hash.of('external', `${source}\n${entry.externalId.trim()}`),
      url: link === null || link.identity === home ? null : hash.of('url', link.identity),
      title: hash.of('title', titleIdentity(title)),
      author: author === null ? null : hash.of('author', author),
    },
  };
}

/** Name under which an author's signals are found again; null when there is none. */
export function normalisedAuthor(author: string | null): string | null {
  const text = plainText(author ?? '').toLowerCase();
  return text === '' ? null : text;
}

/** Titles that differ in case, punctuation or spaces are the same. */
function titleIdentity(title: string): string {
  const words =
    title
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.join(' ');
}

function shownIdentifier(identifier: string): string | null {
  const text = shortened(removeFromIdentifier(plainText(identifier)), externalIdLength);
  return text === '' ? null : text;
}

function normalisedTopics(topics: readonly string[]): string[] {
  const cleaned = topics
    .slice(0, topicCount * 5)
    .map((topic) => removePersonalData(plainText(topic)).toLowerCase())
    .filter((topic) => topic !== '' && topic.length <= topicLength);
  return [...new Set(cleaned)].slice(0, topicCount);
}

/**
 * A date that may be believed: up to a day ahead is a clock or time zone that is wrong and counts as now; more, or a time
 * before there were feeds, says nothing and must not look fresh or stale.
 */
function plausibleDate(date: Date | null, capturedAt: Date): Date | null {
  if (date === null || date.getTime() < oldestDate || date.getTime() > capturedAt.getTime() + dayMs) return null;
  return date > capturedAt ? capturedAt : date;
}
