import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Lifecycle } from '@signalpress/observability';
import { createService, loadEnv } from '@signalpress/service-defaults';
import type { LogOptions } from '@signalpress/service-defaults';
import { AppModule } from '../src/app.module.js';
import { schema } from '../src/env.js';

export const adminKey = 'correct-horse-battery-staple';
export const withKey = { authorization: `Bearer ${adminKey}` };

export interface SeenRequest {
  service: string;
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Service {
  readonly url: string;
  seen: SeenRequest[];
  /** Takes the place of the usual answer, which repeats what was asked. */
  answer: ((request: SeenRequest, response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

/** A real HTTP server in the place of a service. */
export async function startService(service: string): Promise<Service> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { service, method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      handle.seen.push(seen);
      if (handle.answer) handle.answer(seen, response);
      else
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ service, method, url }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const handle: Service = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    answer: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return handle;
}

/** The gateway on a free port. */
export async function startGateway(
  variables: Record<string, string>,
  options: LogOptions = {},
): Promise<{ app: INestApplication; url: string }> {
  const env = loadEnv(schema, {
    PORT: '0',
    LOG_LEVEL: 'fatal',
    ADMIN_KEY_SHA256: createHash('sha256').update(adminKey).digest('hex'),
    ...variables,
  });
  const app = await createService(
    {
      service: 'api-gateway',
      app: () => Promise.resolve(AppModule.register(env, options)),
      trustedProxies: ({ TRUSTED_PROXIES }) => TRUSTED_PROXIES,
    },
    env,
  );
  await app.listen(0, '127.0.0.1');
  app.get(Lifecycle).markReady();
  return { app, url: await app.getUrl() };
}

/** Sends a request line as it is; `fetch` would clean the path up first. */
export function sendRaw(url: string, target: string, headers = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(`GET ${target} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n${headers}\r\n`);
    });
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
