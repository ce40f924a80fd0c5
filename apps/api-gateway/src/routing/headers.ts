import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { GatewayRoute } from './routing.table.js';

/** Hop-by-hop headers (RFC 9110, 7.6.1): they belong to one connection. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** The key opens the gateway and nothing behind it; the others are what only the gateway may say. */
const own = ['authorization', 'cookie', 'forwarded', 'x-real-ip', 'x-signalpress-actor'];
/** What a service says about itself. */
const revealing = ['server', 'x-powered-by'];

const requestHeadersDropped = new Set([...hopByHop, ...own]);
const responseHeadersDropped = new Set([...hopByHop, ...revealing]);

/** The headers that go to the service: the caller's, without those that end here, and with who calls from where. */
export function upstreamHeaders(request: FastifyRequest, headers: object, caller: string): IncomingHttpHeaders {
  const kept = without(headers, (name) => requestHeadersDropped.has(name) || name.startsWith('x-forwarded-'));
  return {
    ...kept,
    'x-forwarded-for': request.ip,
    'x-forwarded-proto': request.protocol,
    'x-forwarded-host': request.host,
    'x-signalpress-actor': caller,
  };
}

/**
 * The headers that go back to the caller; a redirect leads to the gateway, where the service named itself.
 * @param upstreamUrl where the service is.
 */
export function callerHeaders(
  headers: object,
  upstreamUrl: string,
  rewrite: GatewayRoute['rewrite'],
): IncomingHttpHeaders {
  const kept = without(headers, (name) => responseHeadersDropped.has(name));
  return kept.location === undefined
    ? kept
    : { ...kept, location: callerLocation(kept.location, upstreamUrl, rewrite) };
}

/** Another server's address and a relative one stay as they are: a browser resolves the latter against the gateway's path. */
function callerLocation(location: string, upstreamUrl: string, rewrite: GatewayRoute['rewrite']): string {
  const path = pathAtService(location, new URL(upstreamUrl).origin);
  if (rewrite === undefined || !path.startsWith(rewrite.to)) return path;
  const rest = path.slice(rewrite.to.length);
  return rest === '' || /^[/?#]/.test(rest) ? rewrite.prefix + rest : path;
}

function pathAtService(location: string, origin: string): string {
  const isAbsolute = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(location);
  if (!isAbsolute || !URL.canParse(location, origin)) return location;
  const url = new URL(location, origin);
  // Two slashes at the start would name another server.
  return url.origin === origin ? `${url.pathname.replace(/^\/+/, '/')}${url.search}${url.hash}` : location;
}

function without(headers: object, isDropped: (name: string) => boolean): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isDropped(name.toLowerCase())));
}
