import { isRecord } from './channels.js';
import type { ChannelHandlers } from './channels.js';
import type { Exchange, Exchanges, HeaderWriter } from './client-exchange.js';

/** The part of undici's request that its diagnostics channels document. Header pairs are a flat list, or one text in old versions. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  headers: string | (string | string[])[];
  addHeader(name: string, value: string): unknown;
}

/** Every request of `fetch` and of undici, Node's own or one that was installed: both publish on the same channels. */
export function undiciChannels(exchanges: Exchanges): ChannelHandlers {
  const known = new WeakMap<object, Exchange>();
  const exchangeOf = ({ request }: Readonly<Record<string, unknown>>) =>
    isRecord(request) ? known.get(request) : undefined;
  return {
    'undici:request:create': ({ request }) => {
      if (!isUndiciRequest(request)) return;
      const exchange = exchanges.begin(request, request.method, () => urlOf(request), headerWriter);
      if (exchange) known.set(request, exchange);
    },
    'undici:client:sendHeaders': (message) => {
      const { socket } = message;
      if (isRecord(socket) && hasBytesRead(socket)) exchangeOf(message)?.over(socket);
    },
    'undici:request:headers': (message) => {
      const { response } = message;
      if (isRecord(response) && typeof response['statusCode'] === 'number')
        exchangeOf(message)?.respond(response['statusCode']);
    },
    'undici:request:trailers': (message) => exchangeOf(message)?.end(),
    'undici:request:error': (message) => exchangeOf(message)?.fail(message['error']),
  };
}

function urlOf({ origin, path }: UndiciRequest): URL | null {
  return URL.parse(`${String(origin)}${path}`);
}

const headerWriter: HeaderWriter<UndiciRequest> = {
  set: (request, name, value) => {
    request.addHeader(name, value);
  },
  remove: (request, names) => {
    if (!Array.isArray(request.headers)) return;
    const kept: (string | string[])[] = [];
    for (let index = 0; index < request.headers.length; index += 2) {
      const name = request.headers[index];
      const value = request.headers[index + 1];
      if (name === undefined || value === undefined) continue;
      if (typeof name === 'string' && names.includes(name.toLowerCase())) continue;
      kept.push(name, value);
    }
    request.headers = kept;
  },
};

function hasBytesRead(socket: object): socket is { readonly bytesRead: number } {
  return 'bytesRead' in socket && typeof socket.bytesRead === 'number';
}

function isUndiciRequest(value: unknown): value is UndiciRequest {
  return isRecord(value) && 'path' in value && 'method' in value && typeof value['addHeader'] === 'function';
}
