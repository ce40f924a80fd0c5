import { TraceFlags, context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Context, Span, SpanOptions, Tracer, TracerProvider } from '@opentelemetry/api';

/**
 * The tracer of a process that exports nothing. It records nothing, but every context has ids: an incoming context is handed on
 * as it came, and where there is none one is made, unsampled, so that logs, events and reported errors of one request still
 * belong together.
 */
export class PassThroughTracerProvider implements TracerProvider {
  private readonly tracer: Tracer = new PassThroughTracer();

  getTracer(): Tracer {
    return this.tracer;
  }
}

class PassThroughTracer implements Tracer {
  startSpan(_name: string, options?: SpanOptions, parent: Context = context.active()): Span {
    const incoming = options?.root ? undefined : trace.getSpanContext(parent);
    if (incoming && isSpanContextValid(incoming)) return trace.wrapSpanContext(incoming);
    return trace.wrapSpanContext({
      traceId: randomHex() + randomHex() + randomHex() + randomHex(),
      spanId: randomHex() + randomHex(),
      traceFlags: TraceFlags.NONE,
    });
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

/** 32 random bits, never zero (an id of zeros is no id). Ids are no secrets: the generator of the SDK is no stronger, and both are cheap. */
function randomHex(): string {
  return ((Math.random() * 0xffffffff) >>> 0 || 1).toString(16).padStart(8, '0');
}
