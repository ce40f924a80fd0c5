import { DetectError, MalformedError, parseFeed } from 'feedsmith';
import type { AnyFeed } from 'feedsmith';
import { entriesOfXml } from './feed.entries.js';
import { FeedError } from './feed.errors.js';
import { readJsonFeed } from './feed.json.js';
import { maxFeedItems, unreadable } from './feed.types.js';
import type { FeedDocument } from './feed.types.js';
import { countXmlItems, lookOf, salvageXml } from './feed.xml.js';

/**
 * Reads RSS 0.9x–2.0, RSS 1.0 (RDF), Atom or JSON Feed. A document that ends in the middle gives the items before the damage.
 *
 * @throws FeedError when the document is no feed, or has too many items.
 */
export function readFeed(document: string): FeedDocument {
  const text = document.replace(/^\uFEFF/, '').trim();
  const feed = text.startsWith('{') ? readJsonFeed(text) : readXmlFeed(text);
  if (feed.entries.length > maxFeedItems) {
    throw new FeedError(
      `The document has ${feed.entries.length} items; at most ${maxFeedItems} are taken at once. Split it.`,
      'too-many-items',
    );
  }
  return feed;
}

function readXmlFeed(text: string): FeedDocument {
  const { parsed, source } = parseXml(text);
  const { entries, site } = parsed === undefined ? { entries: [], site: null } : entriesOfXml(parsed);
  // The parser leaves out items in which it found nothing; whoever sent them is to see that.
  const missing = Math.min(Math.max(countXmlItems(source) - entries.length, 0), maxFeedItems + 1);
  return { site, entries: [...entries, ...Array.from({ length: missing }, () => unreadable as typeof unreadable)] };
}

/** `parsed` is undefined for a feed in which there is nothing at all to read. */
function parseXml(text: string): { parsed: AnyFeed | undefined; source: string } {
  try {
    return { parsed: parseFeed(text), source: text };
  } catch (error) {
    if (error instanceof DetectError) throw new FeedError(notAFeed(text), 'not-a-feed');
    // The parser itself fails (TypeError, ParseError) on a feed whose items are all empty.
    if (!(error instanceof MalformedError)) return { parsed: undefined, source: text };
  }
  const source = salvageXml(text);
  if (source === undefined) throw new FeedError(damaged, 'damaged-feed');
  try {
    return { parsed: parseFeed(source), source };
  } catch {
    throw new FeedError(damaged, 'damaged-feed');
  }
}

const damaged =
  'The document begins like a feed, but its XML is damaged before the end of the first item. Fetch it again, whole.';

function notAFeed(text: string): string {
  const expected = 'Send an RSS, RDF, Atom or JSON Feed document.';
  switch (lookOf(text)) {
    case 'empty':
      return `The document is empty. ${expected}`;
    case 'html':
      return `The document is an HTML page, not a feed. Look for the address of its feed, often in a <link rel="alternate">. ${expected}`;
    case 'xml':
      return `The document is XML, but not a feed: there is no <rss>, <rdf:RDF> or <feed> at its root. ${expected}`;
    case 'other':
      return `The document is not a feed. ${expected}`;
  }
}
