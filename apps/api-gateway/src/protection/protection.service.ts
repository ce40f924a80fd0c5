import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { BadRequestException, HttpException, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { NotTraced } from '@signalpress/observability';
import type { FastifyInstance } from 'fastify';
import { CallerRegistry } from '../access/caller.registry.js';
import { isUnambiguousPath } from '../routing/path.guard.js';

export interface ProtectionOptions {
  perKeyAndMinute: number;
  perAddressAndMinute: number;
}

const tooManyRequests = 429;
const minuteMs = 60_000;
/** Addresses that are counted at once; the least recent one is forgotten first. */
const addressesCounted = 10_000;

/** What every request passes before anything else looks at it: path, rate, and the headers of the answer. */
@Injectable()
@NotTraced()
export class ProtectionService implements OnModuleInit {
  constructor(
    private readonly options: ProtectionOptions,
    private readonly adapterHost: HttpAdapterHost,
    private readonly callers: CallerRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    await server.register(helmet, {
      contentSecurityPolicy: {
        directives: {
          imgSrc: ["'self'", 'data:'],
          styleSrc: ["'self'", "'unsafe-inline'"],
          // On one machine there is no TLS: images must not be fetched over https.
          upgradeInsecureRequests: null,
        },
      },
    });
    await server.register(rateLimit, {
      global: false,
      timeWindow: minuteMs,
      cache: addressesCounted,
      max: (request) =>
        this.callers.of(request) === 'admin' ? this.options.perKeyAndMinute : this.options.perAddressAndMinute,
      // Wrong keys count for the address that tries them.
      keyGenerator: (request) => (this.callers.of(request) === 'admin' ? 'key:admin' : `address:${request.ip}`),
      // Not the metrics: a key or token can be tried there.
      allowList: (request) => /^\/health(?:[/?]|$)/.test(request.url),
      errorResponseBuilder: () => new HttpException('Too many requests; see Retry-After.', tooManyRequests),
    });
    server.addHook('onRequest', (request, _reply, done) => {
      if (isUnambiguousPath(request.raw.url ?? '')) done();
      else done(new BadRequestException('The path is ambiguous.', { errorCode: 'ambiguous-path' }));
    });
    server.addHook('onRequest', server.rateLimit());
  }
}
