import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventData, EventInput, EventType } from '@signalpress/contracts';
import { Outbox } from '@signalpress/messaging';
import { Database, sql } from '@signalpress/persistence';
import { createTestDatabase } from '@signalpress/persistence/testing';
import { createService } from '@signalpress/service-defaults';
import { waitFor } from '@signalpress/testing';
import { AppModule } from '../src/app.module.js';
import type { Env } from '../src/env.js';

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

export interface Neighbourhood {
  /** Where the service itself listens. */
  readonly url: string;
  readonly files: Map<string, Buffer>;
  /** Disturbs the next calls whose method and path match, one each. */
  disturb(call: RegExp, ...disturbances: Disturbance[]): void;
  /** `METHOD path` of every call to the storefront's API. */
  readonly calls: readonly string[];
  publish<T extends EventType>(type: T, data: EventInput<T>): Promise<void>;
  events<T extends EventType>(type: T): Promise<EventData<T>[]>;
  waitForEvents<T extends EventType>(type: T, count: number): Promise<EventData<T>[]>;
  query<R>(query: ReturnType<typeof sql<R>>): Promise<readonly R[]>;
  close(): Promise<void>;
}

/** The service with its real database, its storefront over real HTTP through a proxy, and a file service. */
export async function startService(overrides: Partial<Env> = {}): Promise<Neighbourhood> {
  const [database, files] = await Promise.all([createTestDatabase(), startFiles()]);
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

  const env: Env = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: 0,
    LOG_LEVEL: 'fatal',
    SHUTDOWN_DEADLINE_SECONDS: 10,
    SHUTDOWN_READINESS_DELAY_SECONDS: 0,
    SHOP_TIMEZONE: 'UTC',
    SHOP_REGION: 'US',
    DATABASE_URL: database.url,
    DATABASE_POOL_MAX: 6,
    MOCKUP_GENERATION_URL: files.url,
    STOREFRONT_URL: proxy.url,
    STOREFRONT_PUBLIC_URL: 'https://shop.example',
    STOREFRONT_API_KEY: apiKey,
    PRICE_MARGIN: 0.35,
    OBSERVE_SECONDS: 1,
    ...overrides,
  };
  const app = await createService(
    { service: 'marketplace-publisher', app: (given: Env) => Promise.resolve(AppModule.register(given)) },
    env,
  );
  await app.listen(0, '127.0.0.1');
  target = await app.getUrl();
  const db = app.get<Database>(Database);
  const outbox = app.get(Outbox);

  const events = async <T extends EventType>(type: T): Promise<EventData<T>[]> => {
    const { rows } = await sql<{ envelope: { data: EventData<T> } }>`
      select envelope from events.log where type = ${type} order by appended_at, position`.execute(db.kysely);
    return rows.map((row) => row.envelope.data);
  };
  return {
    url: target,
    files: files.files,
    calls,
    disturb: (call, ...list) => disturbances.push(...list.map((what) => ({ call, what }))),
    publish: async (type, data) => {
      await db.transaction((tx) => outbox.publish(tx, type, data));
    },
    events,
    waitForEvents: async (type, count) => {
      await waitFor(async () => (await events(type)).length >= count, {
        timeoutMs: 15_000,
        message: `${count} ${type}`,
      });
      return events(type);
    },
    query: async (query) => (await query.execute(db.kysely)).rows,
    close: async () => {
      await app.close();
      await Promise.all([close(proxy.server), close(files.server)]);
      await database.close();
    },
  };
}
