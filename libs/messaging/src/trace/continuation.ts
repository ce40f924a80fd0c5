import type { Link } from '@opentelemetry/api';
import { linkTo } from '@signalpress/observability';
import type { TraceContext } from '@signalpress/observability';
import { z } from 'zod';

/** Most links of one span; more help nobody. */
const MOST_LINKS = 32;

const storedTrace = z.object({
  traceparent: z.string(),
  tracestate: z.string().optional(),
  baggage: z.string().optional(),
});

export interface Continuation {
  readonly root?: true;
  readonly parent?: TraceContext;
  readonly links: Link[];
}

/**
 * How work that waited goes on: as part of the trace that asked for it, or, after a wait of more than `limitMs`, in a new
 * trace that is linked to it (a trace that spans hours is of no use to anybody).
 */
export function continuation(
  trace: TraceContext | undefined,
  waitedMs: number,
  limitMs: number,
  further: readonly TraceContext[] = [],
): Continuation {
  if (trace === undefined) return { root: true, links: linksTo(further) };
  if (waitedMs > limitMs) return { root: true, links: linksTo([trace, ...further]) };
  return { parent: trace, links: linksTo(further) };
}

/** The trace context in something that was stored or received, if it has a usable one. */
export function traceOf(stored: unknown): TraceContext | undefined {
  // Most that have none are told apart without a list of what is wrong with them.
  if (typeof stored !== 'object' || stored === null || !('traceparent' in stored)) return undefined;
  const { data } = storedTrace.safeParse(stored);
  if (data === undefined) return undefined;
  return {
    traceparent: data.traceparent,
    ...(data.tracestate === undefined ? {} : { tracestate: data.tracestate }),
    ...(data.baggage === undefined ? {} : { baggage: data.baggage }),
  };
}

/** Span links to the distinct ones, at most 32. */
export function linksTo(traces: readonly TraceContext[]): Link[] {
  const distinct = new Map(traces.map((trace) => [trace.traceparent, trace]));
  return [...distinct.values()]
    .slice(0, MOST_LINKS)
    .map((trace) => linkTo(trace))
    .filter((link) => link !== undefined);
}
