import { Injectable } from '@nestjs/common';
import { Lifecycle } from '@signalpress/observability';
import { Agent, fetch } from 'undici';
import type { Response } from 'undici';
import { IngestionSettings } from '../ingestion.settings.js';
import { FetchError } from './fetching.errors.js';
import { checkedUrl, publicLookup } from './source-address.js';

export const maxDocumentBytes = 5 * 1024 * 1024;
const timeoutMs = 10_000;
const maxRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const textual = /\b(?:xml|rss|atom|rdf|json)\b|^text\/|octet-stream/i;

/** What the source said about its document the last time; sent back so that an unchanged one is not sent again. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type FetchedSource =
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'document'; readonly document: string; readonly url: string } & Validators);

/** Fetches documents from addresses that strangers name: public addresses only, and a bound on everything. */
@Injectable()
export class SourceFetcher {
  private readonly agent: Agent;

  constructor(
    private readonly settings: IngestionSettings,
    lifecycle: Lifecycle,
  ) {
    this.agent = new Agent({
      connect: { timeout: timeoutMs, ...(settings.allowPrivateSources ? {} : { lookup: publicLookup }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connections: 4,
      keepAliveTimeout: 1_000,
    });
    lifecycle.on('close', 'source fetcher', () => this.agent.destroy());
  }

  /**
   * Fetches one document: at most 10 seconds, 5 MiB and 3 redirects, each of them checked like the first address.
   *
   * @param signal gives up earlier
   * @throws FetchError
   */
  async fetch(address: string, validators?: Validators, signal?: AbortSignal): Promise<FetchedSource> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const limit = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    try {
      return await this.follow(address, validators, limit);
    } catch (error) {
      signal?.throwIfAborted();
      throw asFetchError(error, timeout.aborted);
    }
  }

  private async follow(
    address: string,
    validators: Validators | undefined,
    signal: AbortSignal,
  ): Promise<FetchedSource> {
    let url = checkedUrl(address, this.settings.allowPrivateSources);
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const response = await this.request(url, validators, signal);
      const location = redirects.has(response.status) ? response.headers.get('location') : null;
      if (location === null) return await read(response, url);
      await response.body?.cancel();
      const next = URL.parse(location, url.href);
      url = checkedUrl(next?.href ?? location, this.settings.allowPrivateSources);
    }
    throw new FetchError(`The source redirects more than ${maxRedirects} times.`, 'source-refused');
  }

  private request(url: URL, validators: Validators | undefined, signal: AbortSignal): Promise<Response> {
    return fetch(url, {
      dispatcher: this.agent,
      redirect: 'manual',
      signal,
      headers: {
        accept: 'application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5',
        'user-agent': 'Signalpress/0.1 (feed reader)',
        ...(validators?.etag == null ? {} : { 'if-none-match': validators.etag }),
        ...(validators?.lastModified == null ? {} : { 'if-modified-since': validators.lastModified }),
      },
    });
  }
}

async function read(response: Response, url: URL): Promise<FetchedSource> {
  if (response.status === 304) {
    await response.body?.cancel();
    return { kind: 'unchanged' };
  }
  const type = response.headers.get('content-type') ?? '';
  const refusal = refusalOf(response.status, type, Number(response.headers.get('content-length') ?? 0));
  if (refusal !== undefined) {
    await response.body?.cancel();
    throw refusal;
  }
  return {
    kind: 'document',
    document: decoded(await bounded(response), type),
    url: url.href,
    etag: validator(response.headers.get('etag')),
    lastModified: validator(response.headers.get('last-modified')),
  };
}

function refusalOf(status: number, type: string, length: number): FetchError | undefined {
  if (status !== 200) return new FetchError(`The source answered with status ${status}.`, 'source-refused');
  if (type !== '' && !textual.test(type)) {
    const shown = type.slice(0, 60).replace(/[^\w/+.-].*$/, '');
    return new FetchError(`The source sent ${shown}; a feed is XML or JSON.`, 'source-not-text');
  }
  return length > maxDocumentBytes ? tooLarge() : undefined;
}

/** Counted after decompression, so that a small body cannot become a large one. */
async function bounded(response: Response): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const body: AsyncIterable<Uint8Array> = response.body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxDocumentBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): FetchError {
  return new FetchError('The document has more than 5 MiB.', 'source-too-large');
}

/** By the charset of the header, else that of the XML declaration, else UTF-8. */
function decoded(body: Buffer, type: string): string {
  const declared = /encoding=["']([\w-]{1,40})["']/.exec(body.subarray(0, 200).toString('latin1'))?.[1];
  const charset = /charset=["']?([\w-]{1,40})/i.exec(type)?.[1] ?? declared ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

function validator(header: string | null): string | null {
  return header !== null && header.length <= 500 ? header : null;
}

function asFetchError(error: unknown, late: boolean): FetchError {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause instanceof FetchError) return cause;
  }
  const reason = late ? `does not answer within ${timeoutMs / 1_000} seconds` : 'cannot be reached';
  return new FetchError(`The source ${reason}.`, 'source-unreachable', error);
}
