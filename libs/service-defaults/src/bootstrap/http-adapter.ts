import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { currentTraceId } from '@signalpress/observability';
import { faultOf } from '../problems/fault.js';
import { problemContentType, problemDetails } from '../problems/problem-details.js';

/** Bodies are JSON documents; a service that takes more says so. */
export const defaultBodyLimitBytes = 1024 * 1024;

const headersMaxBytes = 16 * 1024;
const pathParameterMaxLength = 200;
/** The whole request must have arrived within this time. */
const requestTimeoutMs = 30_000;
/** Longer than the idle timeout that balancers have by default (60 s), so that the balancer closes first. */
const keepAliveTimeoutMs = 65_000;

export interface HttpAdapterOptions {
  bodyLimitBytes?: number | undefined;
  /** Addresses or networks (comma-separated) whose `X-Forwarded-For` is believed; default: nobody's. */
  trustedProxies?: string | undefined;
}

/** The part of fastify's reply that is the same for every server and route type. */
interface FrameworkReply {
  readonly raw: { writeHead(status: number, headers: Record<string, string>): unknown; end(body: string): unknown };
  hijack(): unknown;
}

/** Fastify with a limit on everything that a caller chooses, and problem details for what fails before Nest sees it. */
export async function createHttpAdapter({
  bodyLimitBytes = defaultBodyLimitBytes,
  trustedProxies,
}: HttpAdapterOptions = {}): Promise<FastifyAdapter> {
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    trustProxy: trustedProxies ?? false,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    routerOptions: { maxParamLength: pathParameterMaxLength },
    schemaController: { compilersFactory: { buildValidator: refuseRouteSchema, buildSerializer: refuseRouteSchema } },
    http: { maxHeaderSize: headersMaxBytes },
    // While the server closes, requests on open connections are still served and told to reconnect elsewhere.
    return503OnClosing: false,
    // A malformed URL or an over-long path parameter: refused by the router before any hook runs.
    frameworkErrors: (error: Error, request: { url: string }, reply: FrameworkReply) => {
      const fault = faultOf(error);
      const problem = problemDetails({ ...fault, url: request.url, traceId: currentTraceId() });
      reply.hijack();
      reply.raw.writeHead(fault.status, { 'content-type': problemContentType });
      reply.raw.end(JSON.stringify(problem));
    },
    clientErrorHandler: (error, socket) => refuseMalformedRequest(error, socket),
  });
  const instance = adapter.getInstance();
  // Only JSON is understood by default; a route that takes another type registers its parser.
  instance.removeContentTypeParser('text/plain');
  return adapter;
}

/**
 * Requests are checked by the validation pipe and answers are plain JSON, so no route has a schema of fastify's. Its two
 * schema compilers, which it loads unless it is given others, are some 300 modules: a quarter of a bare service's start.
 */
function refuseRouteSchema(): never {
  throw new Error("Routes take no fastify schema: give @Body, @Query or @Param a 'schema' instead");
}

const statusOfParserError: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Bytes that are not HTTP, too many headers, or a request that never ends: there is no request object to answer with. */
function refuseMalformedRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOfParserError[error.code ?? ''] ?? 400;
  const body = JSON.stringify(problemDetails({ status }));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\ncontent-type: ${problemContentType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
