import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { currentTraceId, Logger, NotTraced } from '@signalpress/observability';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CallerRegistry } from '../access/caller.registry.js';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);
const pathShown = 512;

/** One log line for each request that wants to change something, whatever became of it: who, what, result, trace. */
@Injectable()
@NotTraced()
export class AuditService implements OnModuleInit {
  private readonly traceIds = new WeakMap<object, string>();
  private readonly logger: Logger;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly callers: CallerRegistry,
    logger: Logger,
  ) {
    this.logger = logger.child('audit');
  }

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onRequest', (request, _reply, done) => {
      const traceId = reading.has(request.method) ? undefined : currentTraceId();
      if (traceId !== undefined) this.traceIds.set(request.raw, traceId);
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      if (!reading.has(request.method)) this.write(request, reply.statusCode);
      done();
    });
    server.addHook('onRequestAbort', (request, done) => {
      if (!reading.has(request.method)) this.write(request, 'aborted');
      done();
    });
  }

  private write(request: FastifyRequest, status: number | 'aborted'): void {
    const traceId = this.traceIds.get(request.raw);
    this.logger.info('audit', {
      audit: true,
      actor: this.callers.of(request),
      address: request.ip,
      method: request.method,
      path: (request.url.split('?', 1)[0] ?? '').slice(0, pathShown),
      status,
      ...(traceId === undefined ? {} : { trace_id: traceId }),
    });
  }
}
