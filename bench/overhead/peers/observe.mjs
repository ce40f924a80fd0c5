/** `@nestjs/observe`. `OVERHEAD_OPTIONS` (JSON) are further options of its module; none are its defaults. */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import * as nest from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createObserveModule } from '@nestjs/observe';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { host } from '../service/host.mjs';
import { defineModule, defineService } from '../service/service.mjs';

const DEFAULT_FLUSH_INTERVAL_MS = 5_000;
const options = JSON.parse(process.env.OVERHEAD_OPTIONS ?? '{}');

const { ObserveModule, ObserveInstrument } = createObserveModule();
const AppModule = defineModule(nest, defineService(nest), {
  imports: [
    ObserveModule.forRoot({
      appKey: 'key',
      appSecret: 'secret',
      serviceId: 'overhead',
      endpoint: process.env.OVERHEAD_SINK,
      ...options,
    }),
  ],
});
const app = await NestFactory.create(AppModule, new FastifyAdapter(), {
  instrument: ObserveInstrument,
  logger: ['error'],
});
// It sends on a timer and not when the application closes: give the timer its time, so that the last batch counts.
const settle = () => sleep(1.5 * (options.flushInterval ?? DEFAULT_FLUSH_INTERVAL_MS));
await host(app, undefined, settle);
