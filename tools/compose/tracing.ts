import { serviceNames } from '@signalpress/contracts';
import { waitFor } from '@signalpress/testing';
import type { DecodedSpan, OtlpSink } from '@signalpress/testing';
import type { Door } from './door.ts';
import type { MadeSignals } from './made-signals.ts';
import { labelled, targetsUp } from './prometheus.ts';
import { check } from './report.ts';
import type { Stack } from './stack.ts';

interface Traced {
  readonly door: Door;
  /** With docker-compose.tracing.yml. */
  readonly stack: Stack;
  readonly made: MadeSignals;
  /** Where the collector sends what it keeps. */
  readonly sink: OtlpSink;
}

const signals = 5;

/** The two commands at the top of docker-compose.tracing.yml, over a stack that runs without it. */
export async function everythingIsTraced({ door, stack, made, sink }: Traced): Promise<void> {
  const containers = async (): Promise<string> =>
    (await stack.list())
      .filter(({ Service }) => Service !== 'otel-collector')
      .map(({ ID }) => ID)
      .sort()
      .join();
  const before = await containers();
  await stack.compose('up', '--detach', '--no-build', 'otel-collector');
  const health = (): Promise<boolean> => fetch('http://127.0.0.1:13133/').then(({ ok }) => ok);
  await waitFor(health, { timeoutMs: 60_000, intervalMs: 200, message: 'the collector' });
  check((await containers()) === before, 'up -d otel-collector starts the collector, and touches nobody else');
  await stack.up();
  check(
    (await targetsUp(serviceNames.length + 2)).includes('otel-collector-spans'),
    'Prometheus asks the collector too',
  );
  const document = made.document(signals);
  await door.settled([await door.ingest({ source: 'feed:traced', document })]);
  await labelled('sum by (service_name) (traces_span_metrics_calls_total)', 'service_name', serviceNames);
  check(true, 'the collector counted spans of all eight');
  const walk = serviceNames.filter(
    (name) => name !== 'api-gateway' && name !== 'monitoring' && name !== 'feedback-loop',
  );
  await sink.waitForSpans(
    (spans) => [...servicesByTrace(spans)].some((names) => walk.every((name) => names.has(name))),
    {
      timeoutMs: 120_000,
    },
  );
  check(true, `and handed on a trace that leads through ${walk.join(', ')}`);
}

function servicesByTrace(spans: readonly DecodedSpan[]): Iterable<Set<string>> {
  const traces = new Map<string, Set<string>>();
  for (const { traceId, resource } of spans) {
    const names = traces.get(traceId) ?? new Set();
    traces.set(traceId, names.add(resource.serviceName ?? ''));
  }
  return traces.values();
}
