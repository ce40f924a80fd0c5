import { randomUUID } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import type { Ingestion } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import { currentTraceContext, linkTo, Logger, Metrics, semconv, withSpan } from '@signalpress/observability';
import type { Insertable, Transaction } from '@signalpress/persistence';
import { Clock } from '@signalpress/service-defaults';
import { readFeed } from '../feeds/feed.js';
import { unreadable } from '../feeds/feed.types.js';
import type { FeedEntry } from '../feeds/feed.types.js';
import { normalise } from '../normalisation/draft.js';
import type { Draft, RejectedEntry } from '../normalisation/draft.js';
import { KeyedHash } from '../privacy/keyed-hash.js';
import type { IngestionTables, SignalsTable } from '../signals/signals.tables.js';
import { itemsTotal } from './ingestions.metrics.js';
import { answerOf, IngestionsRepository } from './ingestions.repository.js';
import type { StoredItem } from './ingestions.repository.js';

type Tx = Transaction<IngestionTables>;

/** As long as a title stands for one signal. */
const titleHeldMs = 30 * 24 * 3_600_000;

/** Items that are cleaned and checked, but not yet compared with what is stored. */
export interface Prepared {
  readonly id: string;
  readonly source: string;
  readonly receivedAt: Date;
  readonly entries: readonly PreparedEntry[];
  /** Whether the one signal belongs to the trace of the request; otherwise each one begins a trace of its own. */
  readonly continuesTrace: boolean;
}

type PreparedEntry = { readonly signalId: string; readonly draft: Draft } | { readonly rejected: RejectedEntry };

@Injectable()
export class IngestionsService {
  private readonly log: Logger;

  constructor(
    private readonly repository: IngestionsRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly hash: KeyedHash,
    private readonly metrics: Metrics,
    logger: Logger,
  ) {
    this.log = logger.child('Ingestions');
  }

  /**
   * @param url where the document came from; relative links belong to it when the document does not name its site
   * @throws FeedError when it is no feed
   */
  prepareDocument(source: string, document: string, url: string | null = null): Prepared {
    const feed = readFeed(document);
    return this.prepare(source, feed.entries, { site: feed.site ?? url, continuesTrace: false });
  }

  prepareSignals(source: string, entries: readonly FeedEntry[]): Prepared {
    return this.prepare(source, entries, { site: null, continuesTrace: entries.length === 1 });
  }

  /** Stores what is new and its events in one transaction. */
  async take(prepared: Prepared): Promise<Ingestion> {
    return this.report(await this.repository.transaction((tx) => this.store(tx, prepared)));
  }

  /** The part of {@link take} that happens inside of a transaction that somebody else commits. */
  async store(tx: Tx, prepared: Prepared): Promise<Ingestion> {
    const { id, source, receivedAt } = prepared;
    await this.repository.addIngestion(tx, { id, source, receivedAt });
    const items = await this.decide(tx, prepared);
    await this.repository.addItems(tx, id, items);
    return answerOf(prepared, items);
  }

  /** Counts and logs an ingestion that is committed. */
  report(ingestion: Ingestion): Ingestion {
    const counter = this.metrics.counter(itemsTotal);
    for (const { result, rule } of ingestion.items) counter.inc({ result, rule: rule ?? 'none' });
    const { ingestionId, source, totals } = ingestion;
    this.log.info('ingested', { ingestionId, source, ...totals });
    return ingestion;
  }

  async find(id: string): Promise<Ingestion> {
    const ingestion = await this.repository.find(id);
    if (ingestion === undefined) throw new NotFoundException('There is no such ingestion; they are kept for 90 days.');
    return ingestion;
  }

  private prepare(
    source: string,
    entries: readonly (FeedEntry | typeof unreadable)[],
    { site, continuesTrace }: { site: string | null; continuesTrace: boolean },
  ): Prepared {
    const receivedAt = this.clock.now();
    const context = { source, site, capturedAt: receivedAt, hash: this.hash };
    return {
      id: randomUUID(),
      source,
      receivedAt,
      continuesTrace,
      entries: entries.map((entry) => {
        if (entry === unreadable) return { rejected: { externalId: null, title: null, rule: 'item-unreadable' } };
        const result = normalise(entry, context);
        return 'rule' in result ? { rejected: result } : { signalId: randomUUID(), draft: result };
      }),
    };
  }

  private async decide(tx: Tx, prepared: Prepared): Promise<StoredItem[]> {
    const all = prepared.entries.flatMap((entry) => ('draft' in entry ? [entry] : []));
    const erased = await this.repository.erasedKeys(
      tx,
      all.flatMap(({ draft: { keys } }) => [keys.url, keys.author].filter((key) => key !== null)),
    );
    const wanted = all.filter(({ draft: { keys } }) => !isErased(keys, erased));
    await this.repository.releaseTitles(
      tx,
      wanted.map(({ draft }) => draft.keys.title),
      new Date(prepared.receivedAt.getTime() - titleHeldMs),
    );
    const stored = await this.repository.addNewSignals(
      tx,
      wanted.map(({ signalId, draft }) => rowOf(prepared, signalId, draft)),
    );
    const repeated = wanted.filter(({ signalId }) => !stored.has(signalId)).map(({ draft }) => draft);
    const holders = await this.repository.holdersOf(tx, repeated);
    for (const { signalId, draft } of wanted) {
      if (stored.has(signalId)) await this.publish(tx, prepared, signalId, draft);
    }
    return prepared.entries.map((entry, index): StoredItem => {
      if ('rejected' in entry) {
        return { index, ...entry.rejected, result: 'rejected', signalId: null, urlKey: null, authorKey: null };
      }
      const { signalId, draft } = entry;
      if (isErased(draft.keys, erased)) {
        return {
          index,
          externalId: null,
          title: null,
          result: 'rejected',
          signalId: null,
          rule: 'erased',
          urlKey: null,
          authorKey: null,
        };
      }
      const kept = {
        index,
        externalId: draft.externalId,
        title: draft.title,
        rule: null,
        urlKey: draft.keys.url,
        authorKey: draft.keys.author,
      };
      if (stored.has(signalId)) return { ...kept, result: 'accepted', signalId };
      return { ...kept, result: 'duplicate', signalId: holderOf(draft, holders) };
    });
  }

  /**
   * Each founding signal has one trace, all the way down. A request that brings exactly one signal is that trace; otherwise the
   * signal begins its own, linked to the request that brought it.
   */
  private publish(tx: Tx, prepared: Prepared, signalId: string, draft: Draft): Promise<string> {
    const request = currentTraceContext();
    const link = request === undefined ? undefined : linkTo(request);
    return withSpan(
      'ingest signal',
      { [semconv.attributeNames.signalId]: signalId },
      () =>
        this.outbox.publish(tx, 'signals.ingested', {
          signalId,
          source: prepared.source,
          ingestionId: prepared.id,
          title: draft.title,
          summary: draft.summary,
          url: draft.url,
          topics: [...draft.topics],
          publishedAt: draft.publishedAt?.toISOString() ?? null,
          capturedAt: prepared.receivedAt.toISOString(),
          engagement: draft.engagement,
        }),
      prepared.continuesTrace ? {} : { root: true, ...(link === undefined ? {} : { links: [link] }) },
    );
  }
}

function isErased(keys: Draft['keys'], erased: ReadonlySet<string>): boolean {
  return [keys.url, keys.author].some((key) => key !== null && erased.has(key));
}

function holderOf({ keys }: Draft, holders: ReadonlyMap<string, string>): string | null {
  for (const key of [keys.external, keys.url, keys.title]) {
    const holder = key === null ? undefined : holders.get(key);
    if (holder !== undefined) return holder;
  }
  return null;
}

function rowOf(prepared: Prepared, signalId: string, draft: Draft): Insertable<SignalsTable> {
  return {
    id: signalId,
    ingestion_id: prepared.id,
    source: prepared.source,
    external_id: draft.externalId,
    title: draft.title,
    summary: draft.summary,
    url: draft.url,
    topics: draft.topics,
    published_at: draft.publishedAt,
    captured_at: prepared.receivedAt,
    engagement: draft.engagement,
    author_key: draft.keys.author,
    external_key: draft.keys.external,
    url_key: draft.keys.url,
    title_key: draft.keys.title,
  };
}
