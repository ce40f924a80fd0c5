'use strict';
// Runs the conformance application on Nest 11, all of it CommonJS. Arguments: the library's entry point (an ES module, loaded by
// require), the application, the counting of trace shapes. Writes one JSON document.
require('reflect-metadata');
const common = require('@nestjs/common');
const core = require('@nestjs/core');
const { ExpressAdapter } = require('@nestjs/platform-express');
const { context, propagation, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { W3CTraceContextPropagator } = require('@opentelemetry/core');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');
const rxjs = require('rxjs');

const [, , libraryFile, appFile, shapesFile] = process.argv;
const { nestInstrument } = require(libraryFile);
const { observe, startConformanceApp } = require(appFile);
const { requestsAtOnce, traceShapes } = require(shapesFile);

/** What the process hears of a rejection that nobody handles, with the method wrapped. */
async function unhandledRejections() {
  class Work {
    async fails() {
      throw new Error('nobody listens');
    }
  }
  common.Injectable()(Work);
  const heard = [];
  const listener = (error) => heard.push(error.message);
  process.on('unhandledRejection', listener);
  const work = nestInstrument().instanceDecorator(new Work());
  trace.getTracer('conformance').startActiveSpan('root', (span) => {
    void work.fails();
    span.end();
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', listener);
  return heard;
}

async function main() {
  const platform = {
    libraries: { common, core, rxjs },
    create: (module, options) => core.NestFactory.create(module, new ExpressAdapter(), options),
  };
  const bare = await startConformanceApp(platform);
  const without = await observe(bare);
  await bare.app.close();

  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const running = await startConformanceApp(platform, nestInstrument());
  const withIt = await observe(running);
  const names = [...new Set(exporter.getFinishedSpans().map((span) => span.name))];
  const unhandled = await unhandledRejections();
  exporter.reset();
  const sent = await requestsAtOnce(running.url, 800, 100);
  await running.app.close();
  const spans = exporter.getFinishedSpans().map((span) => ({
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    name: span.name,
    startTimeNs: BigInt(span.startTime[0]) * 1_000_000_000n + BigInt(span.startTime[1]),
  }));
  const traces = new Set(spans.map(({ traceId }) => traceId)).size;
  const nest = require('@nestjs/core/package.json').version;
  process.stdout.write(
    JSON.stringify({ nest, without, withIt, names, unhandled, traces, shapes: traceShapes(spans, sent) }),
  );
}

main().catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 1;
});
