import httpProxy from '@fastify/http-proxy';
import { Injectable, MethodNotAllowedException } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ErrorReporter, Metrics, NotTraced } from '@signalpress/observability';
import type { CounterInstrument } from '@signalpress/observability';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CallerRegistry } from '../access/caller.registry.js';
import { callerHeaders, upstreamHeaders } from './headers.js';
import { codeOf, upstreamException, upstreamFailureOf } from './routing.errors.js';
import { upstreamFailures } from './routing.metrics.js';
import { routingTable, rowsAt } from './routing.table.js';
import type { GatewayRoute, Upstream } from './routing.table.js';

export interface RoutingOptions {
  urls: Record<Upstream, string>;
  timeoutMs: number;
}

const connectTimeoutMs = 2000;
const connectionsPerUpstream = 128;
const retryPauseMs = 20;
const closedConnection = 'UND_ERR_SOCKET';

/** Hands requests on to the services, row by row of the routing table. */
@Injectable()
@NotTraced()
export class RoutingService implements OnApplicationBootstrap {
  private readonly failures: CounterInstrument<'upstream' | 'reason'>;

  constructor(
    private readonly options: RoutingOptions,
    private readonly adapterHost: HttpAdapterHost,
    private readonly callers: CallerRegistry,
    private readonly reporter: ErrorReporter,
    metrics: Metrics,
  ) {
    this.failures = metrics.counter(upstreamFailures);
  }

  /** After Nest has set its error handler, so that the routes registered here inherit it. */
  async onApplicationBootstrap(): Promise<void> {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    for (const route of routingTable) {
      await server.register(async (scope: FastifyInstance) => this.mount(scope, route));
    }
    server.addHook('onRequest', async (request, reply) => {
      if (request.is404) this.refuseMethod(request, reply);
      return Promise.resolve();
    });
  }

  private async mount(scope: FastifyInstance, route: GatewayRoute): Promise<void> {
    // The body is the service's to understand; here it is bytes, with a limit.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: route.bodyLimitBytes }, (_request, body, done) => {
      done(null, body);
    });
    if (route.access === 'key') {
      scope.addHook('onRequest', async (request, reply) => {
        this.callers.requireAdmin(request, reply);
        return Promise.resolve();
      });
    }
    await scope.register(httpProxy, {
      ...(route.rewrite ? { prefix: route.rewrite.prefix, rewritePrefix: route.rewrite.to } : {}),
      upstream: this.options.urls[route.upstream],
      routes: route.rewrite ? ['', '/*'] : [...route.paths],
      httpMethods: [...route.methods],
      proxyPayloads: false,
      disableRequestLogging: true,
      destroyAgent: true,
      internalRewriteLocationHeader: false,
      replyOptions: {
        rewriteHeaders: (headers) => callerHeaders(headers, this.options.urls[route.upstream], route.rewrite),
      },
      undici: {
        connections: connectionsPerUpstream,
        connect: { timeout: connectTimeoutMs },
        headersTimeout: this.options.timeoutMs,
        bodyTimeout: this.options.timeoutMs,
      },
      handler: (request, reply, destination, hooks) => this.forward(request, reply, destination, hooks, route.upstream),
    });
  }

  /** The path is one of the table, the method is not: 405 with those that are, once the caller may know. */
  private refuseMethod(request: FastifyRequest, reply: FastifyReply): void {
    const rows = rowsAt(request.url);
    if (rows.length === 0) return;
    if (rows.some(({ access }) => access === 'key')) this.callers.requireAdmin(request, reply);
    const allowed = [...new Set(rows.flatMap(({ methods }) => methods))].join(', ');
    reply.header('allow', allowed);
    throw new MethodNotAllowedException(`This path takes ${allowed}.`);
  }

  private forward(
    request: FastifyRequest,
    reply: FastifyReply,
    destination: string,
    hooks: object,
    upstream: Upstream,
  ): FastifyReply {
    const body = Buffer.isBuffer(request.body) ? request.body : undefined;
    return reply.from(destination, {
      ...hooks,
      ...(body === undefined
        ? {}
        : { body, contentType: request.headers['content-type'] ?? 'application/octet-stream' }),
      timeout: this.options.timeoutMs,
      // One more try where a kept connection was closed under a request that changes nothing.
      retryDelay: ({ err, attempt }) => {
        return codeOf(err) === closedConnection && attempt === 0 && isSafe(request.method) ? retryPauseMs : null;
      },
      rewriteRequestHeaders: (original, headers) =>
        upstreamHeaders(original as FastifyRequest, headers, this.callers.of(request)),
      onError: (failed, { error }) => {
        const failure = upstreamFailureOf(error);
        this.failures.inc({ upstream, reason: failure });
        // A service that is away comes back; one that speaks something else is a wrong address, and stays one.
        if (failure === 'malformed') this.reporter.report(error, { kind: 'http', name: upstream });
        failed.header('retry-after', '5');
        failed.send(upstreamException(upstream, failure, error));
      },
    });
  }
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
