import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';

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

/** The headers that go back to the caller. */
export function callerHeaders(headers: object): IncomingHttpHeaders {
  return without(headers, (name) => responseHeadersDropped.has(name));
}

function without(headers: object, isDropped: (name: string) => boolean): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isDropped(name.toLowerCase())));
}
