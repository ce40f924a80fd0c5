import type { Ingestion, IngestionItem, SignalOutcome } from '@signalpress/contracts';

export const itemOutcomes = ['listed', 'rejected', 'held', 'duplicate', 'failed', 'deferred'] as const;
export type ItemOutcome = (typeof itemOutcomes)[number];
type Totals = Record<ItemOutcome, number>;

/** Cause of the failure of an item that the pipeline gave no outcome in time. */
export const unanswered = 'no outcome was reached';

/** What became of one item of a feed. */
export interface ReportedItem {
  readonly feed: string;
  readonly index: number;
  readonly externalId: string | null;
  readonly title: string | null;
  readonly outcome: ItemOutcome;
  /** The rule, the cause, whom it waits for, what it repeats, or until when it is deferred; null for a listed item. */
  readonly detail: string | null;
  readonly signalId: string | null;
  readonly ideaId: string | null;
  readonly urls: readonly string[];
  readonly publishLatencyMs: number | null;
}

export interface Latency {
  readonly ideas: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** The one line of JSON that `--json` prints. */
export interface Report {
  readonly items: readonly ReportedItem[];
  readonly feeds: ReadonlyArray<{ readonly feed: string; readonly items: number } & Totals>;
  readonly totals: { readonly items: number } & Totals;
  /** Milliseconds over the listed ideas, each counted once; null when nothing was listed. */
  readonly publishLatencyMs: Latency | null;
  /** From the first ingestion to the last outcome, milliseconds. */
  readonly wallMs: number;
}

export interface IngestedFeed {
  readonly label: string;
  readonly ingestion: Ingestion;
  /** By signal id; null while one is pending. */
  readonly outcomes: ReadonlyMap<string, SignalOutcome>;
}

export function buildReport(feeds: readonly IngestedFeed[], wallMs: number): Report {
  const items = feeds.flatMap((feed) => feed.ingestion.items.map((item) => reportItem(feed, item)));
  return {
    items,
    feeds: feeds.map(({ label }) => ({ feed: label, ...count(items.filter((item) => item.feed === label)) })),
    totals: count(items),
    publishLatencyMs: latency(items),
    wallMs: Math.round(wallMs),
  };
}

function reportItem(feed: IngestedFeed, item: IngestionItem): ReportedItem {
  const base = {
    feed: feed.label,
    index: item.index,
    externalId: item.externalId,
    title: item.title,
    signalId: item.signalId,
    ideaId: null,
    urls: [],
    publishLatencyMs: null,
  };
  switch (item.result) {
    case 'rejected':
      return { ...base, outcome: 'rejected', detail: item.rule };
    case 'duplicate':
      return { ...base, outcome: 'duplicate', detail: item.signalId };
    case 'accepted':
      return { ...base, ...acceptedOutcome(item, feed.outcomes) };
  }
}

function acceptedOutcome(item: IngestionItem, outcomes: ReadonlyMap<string, SignalOutcome>) {
  const known = item.signalId === null ? undefined : outcomes.get(item.signalId);
  if (known === undefined || known.outcome === 'pending') {
    return { outcome: 'failed' as const, detail: unanswered };
  }
  const { outcome, detail, ideaId, urls, publishLatencyMs } = known;
  return { outcome, detail, ideaId, urls, publishLatencyMs };
}

function count(items: readonly ReportedItem[]): { items: number } & Totals {
  const of = (outcome: ItemOutcome): number => items.filter((item) => item.outcome === outcome).length;
  return {
    items: items.length,
    listed: of('listed'),
    rejected: of('rejected'),
    held: of('held'),
    duplicate: of('duplicate'),
    failed: of('failed'),
    deferred: of('deferred'),
  };
}

function latency(items: readonly ReportedItem[]): Latency | null {
  const byIdea = new Map<string, number>();
  for (const { ideaId, publishLatencyMs } of items) {
    if (ideaId !== null && publishLatencyMs !== null) byIdea.set(ideaId, publishLatencyMs);
  }
  const sorted = [...byIdea.values()].sort((a, b) => a - b);
  const max = sorted.at(-1);
  if (max === undefined) return null;
  return { ideas: sorted.length, p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), max };
}

/** Nearest-rank percentile of an ascending, non-empty list: the value at rank ⌈p·n⌉. */
function percentile(ascending: readonly number[], p: number): number {
  return ascending[Math.max(0, Math.ceil(p * ascending.length) - 1)] ?? Number.NaN;
}
