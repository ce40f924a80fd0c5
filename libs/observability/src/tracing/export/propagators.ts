import { createRequire } from 'node:module';
import type { Context, TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { PropagatorName } from './export-environment.js';

/** The part of `@opentelemetry/propagator-b3` that is used here. */
interface B3Module {
  readonly B3Propagator: new (config?: { readonly injectEncoding: unknown }) => TextMapPropagator;
  readonly B3InjectEncoding: { readonly MULTI_HEADER: unknown };
}

/** The propagator of `OTEL_PROPAGATORS`, the same whether spans are exported or not. */
export function createPropagator(names: readonly PropagatorName[]): TextMapPropagator {
  if (names.length === 0) return new SilentPropagator();
  return new CompositePropagator({ propagators: names.map(propagatorOf) });
}

function propagatorOf(name: PropagatorName): TextMapPropagator {
  switch (name) {
    case 'tracecontext':
      return new W3CTraceContextPropagator();
    case 'baggage':
      return new W3CBaggagePropagator();
    case 'b3': {
      const { B3Propagator } = loadB3();
      return new B3Propagator();
    }
    case 'b3multi': {
      const { B3Propagator, B3InjectEncoding } = loadB3();
      return new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER });
    }
  }
}

/** The SDK brings it; found from there, because it is no dependency of this library. */
function loadB3(): B3Module {
  const here = createRequire(import.meta.url);
  return createRequire(here.resolve('@opentelemetry/sdk-node'))('@opentelemetry/propagator-b3') as B3Module;
}

/** `none`: reads and writes nothing. It names its fields, so that it counts as configured and a proxy drops those of its caller. */
class SilentPropagator implements TextMapPropagator {
  inject(): void {
    // Nothing goes out.
  }

  extract(context: Context): Context {
    return context;
  }

  fields(): string[] {
    return ['traceparent', 'tracestate', 'baggage'];
  }
}
