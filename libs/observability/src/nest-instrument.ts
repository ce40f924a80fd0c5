// The entry point `@signalpress/observability/nest-instrument`: the depth alone, for any version of Nest, ES module or CommonJS.
export { nestInstrument } from './tracing/nest-instrument.js';
export type { NestInstrument, NestInstrumentOptions } from './tracing/nest-instrument.js';
export { setSpanAttributes, withSpan } from './tracing/span.js';
export type { SpanOptions } from './tracing/span.js';
export { NotTraced, Traced } from './tracing/traced.decorator.js';
