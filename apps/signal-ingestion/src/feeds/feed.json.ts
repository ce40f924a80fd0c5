import { parseJsonFeed } from 'feedsmith';
import type { JsonFeed } from 'feedsmith';
import { parseFeedDate } from './feed.dates.js';
import { count } from './feed.entries.js';
import { FeedError } from './feed.errors.js';
import { maxFeedItems, unreadable } from './feed.types.js';
import type { FeedDocument, FeedEntry } from './feed.types.js';

const version = 'https://jsonfeed.org/version/1.1';
/** Names of counts in extension objects (`_anything`), the most telling first. */
const countNames = ['engagement', 'interactions', 'comments', 'comment_count', 'points', 'score', 'likes'];

/**
 * Reads a JSON Feed. Versions that are written in another way (`"1.1"`) are taken when there are items.
 *
 * @throws FeedError when it is no JSON, or has no items.
 */
export function readJsonFeed(text: string): FeedDocument {
  const root = parseObject(text);
  const items = root?.['items'];
  if (root === undefined || !Array.isArray(items)) {
    throw new FeedError(
      root === undefined
        ? 'The document begins like JSON, but cannot be read as JSON. Fetch it again, whole.'
        : 'The document is JSON, but not a JSON Feed: it has no list "items". Send an RSS, RDF, Atom or JSON Feed document.',
      root === undefined ? 'damaged-feed' : 'not-a-feed',
    );
  }
  const home = root['home_page_url'] ?? root['feed_url'];
  return {
    site: typeof home === 'string' ? home : null,
    entries: items.slice(0, maxFeedItems + 1).map(readItem),
  };
}

/** Items are read one by one: the parser leaves out those that it cannot read, and all extensions. */
function readItem(raw: unknown): FeedEntry | typeof unreadable {
  if (!isRecord(raw)) return unreadable;
  const item = parseJsonFeed({ version, title: 'one item', items: [raw] }).items?.[0];
  return item === undefined ? unreadable : jsonEntry(item, raw);
}

function jsonEntry(item: JsonFeed.Item<string>, raw: Readonly<Record<string, unknown>>): FeedEntry {
  const author = item.authors?.[0];
  return {
    externalId: item.id ?? item.url ?? null,
    title: item.title ?? null,
    summary: item.summary ?? item.content_text ?? item.content_html ?? null,
    link: item.url ?? item.external_url ?? null,
    topics: item.tags ?? [],
    author: author?.name ?? author?.url ?? null,
    published: parseFeedDate(item.date_published) ?? parseFeedDate(item.date_modified),
    engagement: engagementOf(raw),
  };
}

function engagementOf(raw: Readonly<Record<string, unknown>>): number | null {
  const extensions = Object.entries(raw).flatMap(([name, value]) =>
    name.startsWith('_') && isRecord(value) ? [value] : [],
  );
  for (const name of countNames) {
    for (const extension of extensions) {
      const value = extension[name];
      const counted = typeof value === 'number' ? count(value) : null;
      if (counted !== null) return counted;
    }
  }
  return null;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
