import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CallerRegistry } from './caller.registry.js';

/** The port is public: where the scrape has no token of its own, it needs the admin key. */
@Injectable()
@NotTraced()
export class MetricsGuard implements CanActivate {
  /** @param hasToken whether the scrape checks a token itself. */
  constructor(
    private readonly hasToken: boolean,
    private readonly callers: CallerRegistry,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // By the route that was found and not by the URL, which can be written in several ways.
    if (!this.hasToken && request.routeOptions.url === '/metrics') {
      this.callers.requireAdmin(request, http.getResponse<FastifyReply>());
    }
    return true;
  }
}
