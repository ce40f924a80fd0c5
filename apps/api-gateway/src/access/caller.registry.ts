import { Injectable, UnauthorizedException } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessService } from './access.service.js';
import type { Caller } from './access.service.js';

const challenge = 'Bearer realm="signalpress"';

/** Who sends a request, found out once for each. */
@Injectable()
@NotTraced()
export class CallerRegistry {
  private readonly callers = new WeakMap<object, Caller>();

  constructor(private readonly access: AccessService) {}

  of(request: Pick<FastifyRequest, 'raw' | 'headers'>): Caller {
    const known = this.callers.get(request.raw);
    if (known !== undefined) return known;
    const caller = this.access.callerOf(request.headers.authorization);
    this.callers.set(request.raw, caller);
    return caller;
  }

  /** @throws UnauthorizedException for everybody but the holder of the admin key. */
  requireAdmin(request: Pick<FastifyRequest, 'raw' | 'headers'>, reply: Pick<FastifyReply, 'header'>): void {
    if (this.of(request) === 'admin') return;
    reply.header('www-authenticate', challenge);
    throw new UnauthorizedException('This needs the admin key: Authorization: Bearer <key>.');
  }
}
