/** `@opentelemetry/auto-instrumentations-node`: its `register` is preloaded, as its documentation says. */
import 'reflect-metadata';
import * as nest from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { trace } from '@opentelemetry/api';
import { host } from '../service/host.mjs';
import { defineModule, defineService } from '../service/service.mjs';

const AppModule = defineModule(nest, defineService(nest));
const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
await host(app, () => trace.getTracerProvider().getDelegate().forceFlush());
