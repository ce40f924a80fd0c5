/** Items of one document at most; a feed is a window on the newest, not an archive. */
export const maxFeedItems = 500;

/** One item as the document has it: nothing is cleaned, cut or checked yet. */
export interface FeedEntry {
  readonly externalId: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  /** As written; may be relative. */
  readonly link: string | null;
  readonly topics: readonly string[];
  readonly author: string | null;
  readonly published: Date | null;
  readonly engagement: number | null;
}

/** An item that is there but has nothing that could be read. */
export const unreadable = 'unreadable';

export interface FeedDocument {
  /** The site's own address, to which relative links belong; null when the document does not say. */
  readonly site: string | null;
  readonly entries: readonly (FeedEntry | typeof unreadable)[];
}
