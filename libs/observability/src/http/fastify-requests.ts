import { recordError } from '../tracing/span-error.js';
import type { IncomingRequest, OutgoingResponse, RequestTelemetry } from './request-telemetry.js';

// What the hooks use of Fastify is described here, so that the library needs no HTTP adapter of its own.
interface HookedReply {
  readonly raw: OutgoingResponse;
}

type Done = () => void;

export interface HookedServer {
  addHook(
    name: 'onRequest',
    hook: (this: unknown, request: IncomingRequest, reply: HookedReply, done: Done) => void,
  ): unknown;
  addHook(
    name: 'onError',
    hook: (this: unknown, request: IncomingRequest, reply: HookedReply, error: Error, done: Done) => void,
  ): unknown;
}

/**
 * Fastify's own hooks. One per request is enough: it parses bodies in the context of their request, and the response says itself
 * when it is over.
 *
 * @param spans whether there can be spans that record errors
 */
export function followFastify(server: HookedServer, telemetry: RequestTelemetry, spans: boolean): void {
  server.addHook('onRequest', (request, reply, done) => {
    telemetry.run(request, reply.raw, done);
  });
  if (!spans) return;
  server.addHook('onError', (_request, reply, error, done) => {
    const span = telemetry.spanOf(reply.raw);
    if (span) recordError(span, error);
    done();
  });
}

/** The template of the route that Fastify has matched before its first hook. */
export function fastifyRoute(request: IncomingRequest): string | undefined {
  const { routeOptions } = request as IncomingRequest & { readonly routeOptions?: { readonly url?: string } };
  return routeOptions?.url;
}
