/** `@opentelemetry/instrumentation-http` and `@fastify/otel`, without a collection of instrumentations around them. */
import 'reflect-metadata';
import FastifyOtelInstrumentation from '@fastify/otel';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { host } from '../service/host.mjs';
import { defineModule, defineService } from '../service/service.mjs';
import { fastifyOptions, httpOptions, startSdk } from './sdk.mjs';

const sdk = startSdk([new HttpInstrumentation(httpOptions), new FastifyOtelInstrumentation(fastifyOptions)]);
const nest = await import('@nestjs/common');
const { NestFactory } = await import('@nestjs/core');
const { FastifyAdapter } = await import('@nestjs/platform-fastify');

const AppModule = defineModule(nest, defineService(nest));
await host(await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false }), () => sdk.shutdown());
