import { INVALID_SPAN_CONTEXT, TraceFlags, context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Context, Span, SpanContext, SpanOptions, Tracer, TracerProvider } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

/**
 * The tracer of a process that exports nothing. It records nothing, but every context has ids: an incoming context is handed on
 * as it came, and where there is none one is made, unsampled, so that logs, events and reported errors of one request still
 * belong together.
 */
export class PassThroughTracerProvider implements TracerProvider {
  private readonly tracer: Tracer = new PassThroughTracer();

  /** @param disabled by `OTEL_SDK_DISABLED`: what comes in is handed on, and nothing else need be done for a request. */
  constructor(readonly disabled = false) {}

  getTracer(): Tracer {
    return this.tracer;
  }
}

/** Whether nothing that this tracer opens is recorded, so that nobody need describe it. */
export function passesThrough(tracer: Tracer): boolean {
  return tracer instanceof PassThroughTracer;
}

/** Whether the process was configured with `OTEL_SDK_DISABLED=true`. A provider that somebody else registered is never off. */
export function isSwitchedOff(provider: TracerProvider): boolean {
  return provider instanceof PassThroughTracerProvider && provider.disabled;
}

class PassThroughTracer implements Tracer {
  startSpan(_name: string, options?: SpanOptions, parent: Context = context.active()): Span {
    if (isTracingSuppressed(parent)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const above = options?.root ? undefined : trace.getSpan(parent);
    if (above instanceof PassThroughSpan) return above;
    const incoming = above?.spanContext();
    return incoming && isSpanContextValid(incoming) ? trace.wrapSpanContext(incoming) : new PassThroughSpan();
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    parent: Context,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const fn = rest[rest.length - 1] as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : undefined;
    const parent = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parent);
    return context.with(trace.setSpan(parent, span), () => fn(span) as ReturnType<F>);
  }
}

/** Stands for a whole trace. Most requests never ask for its ids, so they are made when somebody does. */
class PassThroughSpan implements Span {
  private ids: SpanContext | undefined;

  spanContext(): SpanContext {
    return (this.ids ??= {
      traceId: randomHex() + randomHex() + randomHex() + randomHex(),
      spanId: randomHex() + randomHex(),
      traceFlags: TraceFlags.NONE,
    });
  }

  isRecording(): boolean {
    return false;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {
    // Nothing was begun.
  }

  recordException(): void {
    // Nothing is recorded.
  }
}

/** 32 random bits, never zero (an id of zeros is no id). Ids are no secrets: the generator of the SDK is no stronger, and both are cheap. */
function randomHex(): string {
  return ((Math.random() * 0xffffffff) >>> 0 || 1).toString(16).padStart(8, '0');
}
