import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startWithDatabase } from '@signalpress/messaging/testing';
import type { ServiceUnderTest } from '@signalpress/messaging/testing';
import { createService, loadEnv } from '@signalpress/service-defaults';
import { AppModule } from '../src/app.module.js';
import { complete, schema } from '../src/env.js';
import type { PublisherTables } from '../src/publishing/listings.tables.js';

export const apiKey = 'a-key-that-only-these-specs-know';

export async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Serves files by hash, as mockup-generation does. */
async function startFiles(): Promise<{ url: string; server: Server; files: Map<string, Buffer> }> {
  const files = new Map<string, Buffer>();
  const started = await listen((request, response) => {
    const file = files.get(request.url?.split('/').at(-1) ?? '');
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'image/webp', 'content-length': file.length }).end(file);
  });
  return { ...started, files };
}

/** What stands between publisher and storefront may answer instead of it, or lose its answer. */
export type Disturbance =
  | 'lose-answer'
  /** The call goes through once the promise is kept. */
  | Promise<void>
  | { readonly status: number; readonly headers?: Record<string, string> };

export interface Neighbourhood extends ServiceUnderTest<PublisherTables> {
  /** Where the publisher reaches the storefront. */
  readonly storefrontUrl: string;
  readonly files: Map<string, Buffer>;
  /** Disturbs the next calls whose method and path match, one each. */
  disturb(call: RegExp, ...disturbances: Disturbance[]): void;
  /** `METHOD path` of every call to the storefront's API. */
  readonly calls: readonly string[];
}

/**
 * The service with its real database, its storefront over real HTTP through a proxy, and a file service.
 *
 * @param beside another instance of the service, whose database it shares
 */
export async function startService(
  environment: Record<string, string> = {},
  beside?: Neighbourhood,
): Promise<Neighbourhood> {
  const files = await startFiles();
  const calls: string[] = [];
  const disturbances: { call: RegExp; what: Disturbance }[] = [];
  let target = '';
  const proxy = await listen((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const call = `${request.method ?? ''} ${request.url ?? ''}`;
      calls.push(call);
      const index = disturbances.findIndex((disturbance) => disturbance.call.test(call));
      const what = index === -1 ? undefined : disturbances.splice(index, 1)[0]?.what;
      if (typeof what === 'object' && 'status' in what) {
        response.writeHead(what.status, { 'content-type': 'application/problem+json', ...what.headers });
        response.end(JSON.stringify({ title: 'No', detail: 'The storefront does not like it.', status: what.status }));
        return;
      }
      if (what instanceof Promise) await what;
      const { authorization = '', 'content-type': type } = request.headers;
      const body = Buffer.concat(chunks);
      const answer = await fetch(`${target}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers: { authorization, ...(type === undefined ? {} : { 'content-type': type }) },
        ...(body.length === 0 ? {} : { body }),
      });
      const text = await answer.text();
      if (what === 'lose-answer') request.socket.destroy();
      else response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text);
    })();
  });

  const service = await startWithDatabase<PublisherTables>((variables) => {
    const own = {
      MOCKUP_GENERATION_URL: files.url,
      STOREFRONT_URL: proxy.url,
      STOREFRONT_PUBLIC_URL: 'https://shop.example',
      STOREFRONT_API_KEY: apiKey,
      OBSERVE_SECONDS: '1',
    };
    const env = complete(loadEnv(schema, { ...variables, ...own, ...environment }));
    const app = () => Promise.resolve(AppModule.register(env));
    return createService({ service: 'marketplace-publisher', app }, env);
  }, beside?.databaseUrl);
  target = service.url;
  return {
    ...service,
    storefrontUrl: proxy.url,
    files: files.files,
    calls,
    disturb: (call, ...list) => disturbances.push(...list.map((what) => ({ call, what }))),
    close: async () => {
      await service.close();
      await Promise.all([close(proxy.server), close(files.server)]);
    },
  };
}
