import {
  Body,
  Controller,
  Get,
  HttpException,
  Module,
  Param,
  Post,
  Req,
  RequestMethod,
  UseGuards,
  VersioningType,
} from '@nestjs/common';
import type {
  CanActivate,
  INestApplication,
  MiddlewareConsumer,
  NestApplicationOptions,
  NestModule,
  Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { trace } from '@opentelemetry/api';
import { ObservabilityModule, currentTraceId, withSpan } from '../../src/index.js';
import type { ObservabilityOptions } from '../../src/index.js';

class SlowGuard implements CanActivate {
  async canActivate(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return true;
  }
}

/** Ends the requests of `/hang`. */
const hanging = new Set<() => void>();

export function release(): void {
  for (const end of hanging) end();
  hanging.clear();
}

@Controller()
class ShopController {
  @Get('items/:id')
  item(@Param('id') id: string): unknown {
    if (id === 'gone') throw new HttpException('gone', 404);
    if (id === 'broken') throw new Error('broken');
    return { traceId: currentTraceId() };
  }

  @Get('quiet/work')
  quiet(): unknown {
    const active = trace.getActiveSpan()?.isRecording() ?? false;
    return withSpan('must not begin a trace', {}, () => ({ active, traceId: currentTraceId() }));
  }

  @Post('items')
  @UseGuards(SlowGuard)
  create(@Body() body: unknown): unknown {
    return { body, traceId: currentTraceId() };
  }

  @Post('upload')
  async upload(@Req() request: AsyncIterable<Buffer> & { readonly raw?: AsyncIterable<Buffer> }): Promise<unknown> {
    let bytes = 0;
    for await (const chunk of request.raw ?? request) bytes += chunk.length;
    return { bytes, traceId: currentTraceId() };
  }

  @Get('files/*')
  file(): unknown {
    return { traceId: currentTraceId() };
  }

  @Get('hang')
  hang(): Promise<void> {
    return new Promise((resolve) => hanging.add(resolve));
  }
}

@Controller({ path: 'versions', version: '2' })
class VersionedController {
  @Get(':id')
  version(): string {
    return 'two';
  }
}

export type AdapterName = 'fastify' | 'express';

export interface Shop {
  readonly app: INestApplication;
  readonly url: string;
}

export interface ShopOptions extends ObservabilityOptions {
  readonly prefix?: string;
  /** By `createTestingModule`, whose adapter comes after the providers. */
  readonly testing?: boolean;
}

function moduleOf(options: ObservabilityOptions): Type {
  @Module({ imports: [ObservabilityModule.forRoot(options)], controllers: [ShopController, VersionedController] })
  class ShopModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer
        .apply((_request: unknown, _response: unknown, next: () => void) => next())
        .forRoutes({ path: '*all', method: RequestMethod.ALL });
    }
  }
  return ShopModule;
}

interface ParsingServer {
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): void;
}

/** A real Nest application on either adapter, listening on a free port. */
export async function startShop(adapterName: AdapterName, options: ShopOptions): Promise<Shop> {
  const { prefix, testing } = options;
  const adapter = adapterName === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  // A plain object type: Nest declares the options as a class, whose instances nobody makes.
  const settings: Omit<NestApplicationOptions, never> = { logger: false, forceCloseConnections: true };
  const app: INestApplication = testing
    ? (await Test.createTestingModule({ imports: [moduleOf(options)] }).compile()).createNestApplication(
        adapter,
        settings,
      )
    : await NestFactory.create(moduleOf(options), adapter, settings);
  app.enableVersioning({ type: VersioningType.URI });
  if (prefix !== undefined) app.setGlobalPrefix(prefix);
  if (adapterName === 'fastify') {
    // What no parser knows Fastify refuses; this leaves the body to the handler.
    const server = app.getHttpAdapter().getInstance() as ParsingServer;
    server.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  }
  await app.listen(0, '127.0.0.1');
  return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1') };
}
