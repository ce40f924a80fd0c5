import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { propagation } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { collectSpans } from '@signalpress/testing';
import type { SpanCollection } from '@signalpress/testing';
import * as rxjs from 'rxjs';
import { nestInstrument } from '../../src/nest-instrument.js';
import { observe, startConformanceApp } from './conformance-app.js';
import type { Platform } from './conformance-app.js';
import { expectedShapes, requestsAtOnce, traceShapes } from './trace-shapes.js';

const libraries = { common, core, rxjs };
const platforms: Record<string, Platform> = {
  fastify: {
    libraries,
    create: (module, options) => core.NestFactory.create(module, new FastifyAdapter(), options),
  },
  express: {
    libraries,
    create: (module, options) => core.NestFactory.create(module, new ExpressAdapter(), options),
  },
};

let collection: SpanCollection;
beforeEach(() => {
  collection = collectSpans();
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
afterEach(async () => {
  propagation.disable();
  await collection.shutdown();
});

describe.each(Object.keys(platforms))('Nest 12 on %s', (name) => {
  const platform = platforms[name]!;

  it('answers, side effects and errors are the same with and without the instrumentation', async () => {
    const bare = await startConformanceApp(platform);
    const without = await observe(bare);
    await bare.app.close();
    const instrumented = await startConformanceApp(platform, nestInstrument());
    collection.reset();
    const withIt = await observe(instrumented);
    await instrumented.app.close();
    expect(withIt).toEqual(without);
    expect(Object.keys(without).length).toBeGreaterThan(35);
    expect(Object.values(without).filter((seen) => seen.startsWith('threw'))).toEqual([]);
    const names = new Set(collection.spans().map((span) => span.name));
    const some = ['Lower.inherited', 'Private.next', 'Multiplier.times', 'CrudController.list', 'Symbols[label]'];
    expect([...names]).toEqual(expect.arrayContaining(some));
    expect([...names].filter((seen) => /^(Reflector|ParseIntPipe|ModuleRef|Map|EventEmitter)/.test(seen))).toEqual([]);
  });

  it('emits spans from ES modules without loader hooks (opentelemetry-js-contrib #3732, #3752), nested under concurrency', async () => {
    const { app, url } = await startConformanceApp(platform, nestInstrument());
    collection.reset();
    const sent = await requestsAtOnce(url, 800, 100);
    await app.close();
    expect(new Set(collection.spans().map(({ traceId }) => traceId)).size).toBe(800);
    expect(traceShapes(collection.spans(), sent)).toEqual(expectedShapes(400));
  });
});
