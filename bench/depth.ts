import { performance } from 'node:perf_hooks';
import { ROOT_CONTEXT, TraceFlags, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Traced } from '@signalpress/observability/nest-instrument';

// What a wrapped method costs per call where nothing is recorded. The library has to be built. `node bench/depth.ts`

const CALLS = 2_000_000;
const ROUNDS = 15;

class Bare {
  private total = 0;
  add(a: number, b: number): number {
    return (this.total += a * b);
  }
}
class Wrapped {
  private total = 0;
  add(a: number, b: number): number {
    return (this.total += a * b);
  }
}
Traced()(Wrapped);

function nanosecondsPerCall(target: { add(a: number, b: number): number }): number {
  const begin = performance.now();
  for (let n = 0; n < CALLS; n += 1) target.add(n, 2);
  return ((performance.now() - begin) * 1e6) / CALLS;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const unsampled = trace.setSpan(
  ROOT_CONTEXT,
  trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE }),
);
const [bare, wrapped] = [new Bare(), new Wrapped()];
const samples: Record<'bare' | 'outside' | 'unsampled', number[]> = { bare: [], outside: [], unsampled: [] };
for (let round = -2; round < ROUNDS; round += 1) {
  const measured = {
    bare: nanosecondsPerCall(bare),
    outside: nanosecondsPerCall(wrapped),
    unsampled: context.with(unsampled, () => nanosecondsPerCall(wrapped)),
  };
  if (round < 0) continue;
  for (const key of ['bare', 'outside', 'unsampled'] as const) samples[key].push(measured[key]);
}
for (const [name, values] of Object.entries(samples))
  console.log(name.padEnd(10), `${median(values).toFixed(1)} ns per call`);
