import type { AnyFeed, AtomFeed, RdfFeed, RssFeed } from 'feedsmith';
import { parseFeedDate } from './feed.dates.js';
import type { FeedEntry } from './feed.types.js';

/** The items of a parsed XML feed, whatever its format. */
export function entriesOfXml(parsed: AnyFeed): { entries: FeedEntry[]; site: string | null } {
  switch (parsed.format) {
    case 'rss':
      return { entries: (parsed.feed.items ?? []).map(rssEntry), site: parsed.feed.link ?? null };
    case 'rdf':
      return { entries: (parsed.feed.items ?? []).map(rdfEntry), site: parsed.feed.link ?? null };
    case 'atom':
      return { entries: (parsed.feed.entries ?? []).map(atomEntry), site: pageOf(parsed.feed.links) };
    case 'json':
      // JSON documents are read before: their extensions are lost here.
      return { entries: [], site: null };
  }
}

function rssEntry(item: RssFeed.Item<string>): FeedEntry {
  const permanent = item.guid?.isPermaLink === false ? undefined : item.guid?.value;
  const link = item.link ?? pageOf(item.atom?.links) ?? (isWebAddress(permanent) ? permanent : null);
  return {
    externalId: item.guid?.value ?? link ?? null,
    title: item.title ?? item.dc?.titles?.[0] ?? null,
    summary: item.description ?? item.content?.encoded ?? null,
    link: link ?? null,
    topics: [...(item.categories ?? []).map(({ name }) => name ?? ''), ...(item.dc?.subjects ?? [])],
    author: item.authors?.[0]?.name ?? item.authors?.[0]?.email ?? item.dc?.creators?.[0] ?? null,
    published: firstDate(item.pubDate, item.dc?.dates?.[0], item.atom?.published, item.atom?.updated),
    engagement: count(item.slash?.comments) ?? count(item.thr?.total),
  };
}

function rdfEntry(item: RdfFeed.Item<string>): FeedEntry {
  return {
    externalId: item.rdf?.about ?? item.link ?? null,
    title: item.title ?? item.dc?.titles?.[0] ?? null,
    summary: item.description ?? item.content?.encoded ?? null,
    link: item.link ?? null,
    topics: item.dc?.subjects ?? [],
    author: item.dc?.creators?.[0] ?? null,
    published: firstDate(item.dc?.dates?.[0], item.dcterms?.issued?.[0]),
    engagement: count(item.slash?.comments),
  };
}

function atomEntry(entry: AtomFeed.Entry<string>): FeedEntry {
  const replies = entry.links?.find(({ rel }) => rel === 'replies');
  return {
    externalId: entry.id ?? null,
    title: entry.title?.value ?? null,
    summary: entry.summary?.value ?? entry.content?.value ?? null,
    link: pageOf(entry.links),
    topics: [...(entry.categories ?? []).map(({ label, term }) => label ?? term ?? ''), ...(entry.dc?.subjects ?? [])],
    author: entry.authors?.[0]?.name ?? entry.authors?.[0]?.email ?? entry.dc?.creators?.[0] ?? null,
    published: firstDate(entry.published, entry.updated),
    engagement: count(entry.thr?.total) ?? count(replies?.thr?.count) ?? count(entry.slash?.comments),
  };
}

function pageOf(links: readonly AtomFeed.Link<string>[] | undefined): string | null {
  const page = links?.find(({ rel }) => rel === undefined || rel === 'alternate');
  return page?.href ?? null;
}

function firstDate(...texts: (string | undefined)[]): Date | null {
  for (const text of texts) {
    const date = parseFeedDate(text);
    if (date !== null) return date;
  }
  return null;
}

/** A count of interactions; what is negative or absurd is no count. */
export function count(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) && value >= 0 && value <= 1e9 ? value : null;
}

function isWebAddress(value: string | undefined): boolean {
  return value !== undefined && /^https?:\/\//i.test(value);
}
