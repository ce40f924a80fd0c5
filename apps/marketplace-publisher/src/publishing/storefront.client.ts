import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { StoredFile } from '@signalpress/contracts';
import { Metrics } from '@signalpress/observability';
import type { HistogramInstrument } from '@signalpress/observability';
import { z } from 'zod';
import { HttpExchange } from './http-exchange.js';
import type { CallOutcome } from './http-exchange.js';
import type { ListingDraft, MarketplaceListing, ShelfPage } from './marketplace.js';
import { storefrontRules } from './marketplace.js';
import { budgetWaitSeconds, neighbourCalls, neighbourCircuitOpen } from './neighbours.metrics.js';
import { PreviewError, RefusedError } from './publishing.errors.js';
import { PublishingOptions } from './publishing.options.js';
import { RequestBudget } from './request-budget.js';

/** What we need of the storefront's answers; it may say more. */
const listingAnswer = z.object({
  id: z.string().min(1).max(100),
  sku: z.string(),
  path: z.string().startsWith('/'),
  title: z.string(),
  price: z.object({ amountMinor: z.int().positive(), currency: z.string().length(3) }),
  publishedAt: z.iso.datetime(),
  flagged: z.boolean().default(false),
  counts: z.object({ views: z.int().nonnegative(), favourites: z.int().nonnegative(), sales: z.int().nonnegative() }),
});
const listingsAnswer = z.object({ items: z.array(listingAnswer).max(100), nextCursor: z.string().nullable() });
const problemAnswer = z.object({ detail: z.string().optional(), title: z.string().optional() });

const listingsPerPage = 100;
const longestReason = 500;

/** Talks to the storefront over HTTP, and fetches the pictures that it is to show. */
@Injectable()
export class StorefrontClient {
  private readonly storefront: HttpExchange;
  private readonly files: HttpExchange;
  private readonly budget = new RequestBudget(storefrontRules.requestsPerSecond);
  private readonly budgetWaits: HistogramInstrument<'marketplace'>;

  constructor(
    private readonly options: PublishingOptions,
    metrics: Metrics,
  ) {
    const calls = metrics.counter(neighbourCalls);
    const told = (upstream: string) => (outcome: CallOutcome) => calls.inc({ upstream, outcome });
    this.storefront = new HttpExchange('the storefront', told('storefront'));
    this.files = new HttpExchange('mockup-generation', told('mockup-generation'));
    this.budgetWaits = metrics.histogram(budgetWaitSeconds);
    metrics.observeGauge(neighbourCircuitOpen, () => [
      { labels: { upstream: 'storefront' }, value: this.storefront.isOpen ? 1 : 0 },
      { labels: { upstream: 'mockup-generation' }, value: this.files.isOpen ? 1 : 0 },
    ]);
  }

  /** The listing that has the SKU, or undefined. @throws UnavailableError, RefusedError */
  async findBySku(sku: string, signal?: AbortSignal): Promise<MarketplaceListing | undefined> {
    const response = await this.call('GET', `listings?sku=${encodeURIComponent(sku)}`, { signal });
    const [found] = listingsAnswer.parse(await accepted(response)).items;
    return found === undefined ? undefined : this.listing(found);
  }

  /**
   * The bytes of a preview, proven by their hash.
   * @throws PreviewError when there are none or others than promised; UnavailableError
   */
  async fetchPreview(file: StoredFile, signal?: AbortSignal): Promise<Buffer> {
    const response = await this.files.send(`${this.options.filesUrl}/files/${file.hash}`, withSignal({}, signal));
    if (!response.ok) {
      await response.body?.cancel();
      throw new PreviewError(`the preview ${file.hash} was answered with ${response.status}`);
    }
    if (Number(response.headers.get('content-length') ?? file.bytes) !== file.bytes) {
      await response.body?.cancel();
      throw new PreviewError(`the preview ${file.hash} does not have the size that was promised`);
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== file.hash) {
      throw new PreviewError(`the bytes of the preview ${file.hash} have another hash`);
    }
    return bytes;
  }

  /** @throws UnavailableError, RefusedError */
  async putImage(hash: string, mediaType: string, bytes: Buffer, signal?: AbortSignal): Promise<void> {
    const body = new Uint8Array(bytes);
    await accepted(await this.call('PUT', `images/${hash}`, { body, contentType: mediaType, signal }));
  }

  /**
   * Opens a listing. A SKU that has one already (an earlier try whose answer was lost) answers with that one.
   * @throws UnavailableError, RefusedError
   */
  async create(draft: ListingDraft, signal?: AbortSignal): Promise<MarketplaceListing> {
    const body = JSON.stringify(draft);
    const response = await this.call('POST', 'listings', { body, contentType: 'application/json', signal });
    if (response.status === 409) {
      await response.body?.cancel();
      const existing = await this.findBySku(draft.sku, signal);
      if (existing !== undefined) return existing;
    }
    return this.listing(listingAnswer.parse(await accepted(response)));
  }

  /** Takes the listing with the SKU down; one that is not there is fine. @throws UnavailableError, RefusedError */
  async remove(sku: string, signal?: AbortSignal): Promise<void> {
    const response = await this.call('DELETE', `listings/by-sku/${encodeURIComponent(sku)}`, { signal });
    if (response.status === 404) await response.body?.cancel();
    else await accepted(response);
  }

  /** One page of all listings, newest first. @throws UnavailableError, RefusedError */
  async listings(cursor: string | null, signal?: AbortSignal): Promise<ShelfPage> {
    const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await this.call('GET', `listings?limit=${listingsPerPage}${from}`, { signal });
    const page = listingsAnswer.parse(await accepted(response));
    return {
      items: page.items.map(({ id, sku, title, price, flagged, counts }) => ({
        listingId: id,
        ...{ sku, title, price, flagged },
        ...counts,
      })),
      nextCursor: page.nextCursor,
    };
  }

  private async call(
    method: string,
    path: string,
    request: { body?: string | Uint8Array<ArrayBuffer>; contentType?: string; signal?: AbortSignal | undefined },
  ): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.options.storefrontApiKey}` };
    if (request.contentType !== undefined) headers['content-type'] = request.contentType;
    const init: RequestInit = { method, headers, ...(request.body === undefined ? {} : { body: request.body }) };
    const asked = performance.now();
    await this.budget.take(request.signal);
    this.budgetWaits.observe((performance.now() - asked) / 1_000, { marketplace: 'storefront' });
    return this.storefront.send(
      `${this.options.storefrontUrl}/storefront/api/${path}`,
      withSignal(init, request.signal),
    );
  }

  private listing(answer: z.output<typeof listingAnswer>): MarketplaceListing {
    return {
      listingId: answer.id,
      url: `${this.options.storefrontPublicUrl}${answer.path}`,
      price: answer.price,
      publishedAt: new Date(answer.publishedAt),
    };
  }
}

const withSignal = (init: RequestInit, signal: AbortSignal | undefined): RequestInit =>
  signal === undefined ? init : { ...init, signal };

/** The body of an answer below 400. @throws RefusedError with the marketplace's reason */
async function accepted(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const problem = problemAnswer.safeParse(body).data;
  const reason = problem?.detail ?? problem?.title ?? 'no reason given';
  throw new RefusedError(`${response.status}: ${reason}`.slice(0, longestReason), response.status);
}
