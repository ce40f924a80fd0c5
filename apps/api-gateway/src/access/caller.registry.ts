import { Injectable } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import type { FastifyRequest } from 'fastify';
import { AccessService } from './access.service.js';
import type { Caller } from './access.service.js';

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
}
