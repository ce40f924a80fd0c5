import { ClientRequest, IncomingMessage } from 'node:http';
import type { ChannelHandlers } from './channels.js';
import type { Exchange, Exchanges, HeaderWriter } from './client-exchange.js';

const CREATED = 'http.client.request.created';

/**
 * Every request of `node:http` and `node:https`, and so of axios, got and most SDKs, whichever way they were imported. Where Node
 * does not say that a request was created (before 22.12), its start is the first that is heard of it: a span, but too late for
 * headers.
 */
export function nodeChannels(exchanges: Exchanges): ChannelHandlers {
  const known = new WeakMap<object, { readonly exchange: Exchange; response?: IncomingMessage }>();
  let createdIsPublished = false;
  const begin = (request: ClientRequest): void => {
    const exchange = exchanges.begin(request, request.method, () => urlOf(request), headerWriter);
    if (!exchange) return;
    const entry: { readonly exchange: Exchange; response?: IncomingMessage } = { exchange };
    known.set(request, entry);
    // The one event that always comes: read to the end, cut off, destroyed, timed out or upgraded.
    request.once('close', () => finish(request, entry.exchange, entry.response));
  };
  return {
    [CREATED]: ({ request }) => {
      createdIsPublished = true;
      if (request instanceof ClientRequest) begin(request);
    },
    'http.client.request.start': ({ request }) => {
      if (!createdIsPublished && request instanceof ClientRequest) begin(request);
    },
    // Named for the end of the head of the response.
    'http.client.response.finish': ({ request, response }) => {
      if (!(request instanceof ClientRequest) || !(response instanceof IncomingMessage)) return;
      const entry = known.get(request);
      if (!entry) return;
      entry.response = response;
      entry.exchange.over(request.socket);
      entry.exchange.respond(response.statusCode ?? 0);
    },
    'http.client.request.error': ({ request, error }) => {
      if (request instanceof ClientRequest) known.get(request)?.exchange.fail(error);
    },
  };
}

function finish(request: ClientRequest, exchange: Exchange, response: IncomingMessage | undefined): void {
  const upgraded: unknown = response === undefined && 'res' in request ? request.res : undefined;
  if (upgraded instanceof IncomingMessage && upgraded.statusCode !== undefined) exchange.respond(upgraded.statusCode);
  if (response && !response.complete && response.errored) exchange.fail(response.errored);
  else exchange.end();
}

const headerWriter: HeaderWriter<ClientRequest> = {
  set: (request, name, value) => {
    request.setHeader(name, value);
  },
  remove: (request, names) => {
    for (const name of names) if (request.hasHeader(name)) request.removeHeader(name);
  },
};

/** By a proxy the path is the whole URL; else the host is that of the header, which also has the port. */
function urlOf(request: ClientRequest): URL | null {
  if (/^https?:\/\//i.test(request.path)) return URL.parse(request.path);
  const host = request.getHeader('host');
  return URL.parse(`${request.protocol}//${typeof host === 'string' ? host : request.host}${request.path}`);
}
