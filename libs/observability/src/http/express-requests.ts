import type { IncomingRequest, OutgoingResponse, RequestTelemetry } from './request-telemetry.js';

/** The seam that Nest's adapter offers for a middleware. */
export interface MiddlewareHost {
  use(middleware: (request: IncomingRequest, response: OutgoingResponse, next: () => void) => void): unknown;
}

/** The first of all middlewares, so that body parsers and the application's own run in the context of the request. */
export function followExpress(host: MiddlewareHost, telemetry: RequestTelemetry): void {
  host.use((request, response, next) => telemetry.run(request, response, next));
}

/** Patterns that take every path: whoever ended there with a 404 was not found by a route. */
const CATCH_ALL = /^\/?(?:\{\/?)?\*?\w*\}?$|^\/?\(\.\*\)$/;

/** The template of the route that Express took last: known at the end of the request only. */
export function expressRoute(request: IncomingRequest): string | undefined {
  const { route, baseUrl, res } = request as IncomingRequest & {
    readonly route?: { readonly path?: unknown };
    readonly baseUrl?: unknown;
    readonly res?: { readonly statusCode?: unknown };
  };
  const path = route?.path;
  if (typeof path !== 'string') return undefined;
  // A middleware for all routes is a route of Express too.
  if (res?.statusCode === 404 && path.includes('*') && CATCH_ALL.test(path)) return undefined;
  return `${typeof baseUrl === 'string' ? baseUrl : ''}${path}`;
}
