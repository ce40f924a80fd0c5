/** The figures of a process that the sampler keeps; null where the text has none. */
export interface ProcessFigures {
  readonly cpuSecondsTotal: number | null;
  readonly residentMemoryBytes: number | null;
  readonly heapUsedBytes: number | null;
  readonly eventLoopLagSeconds: number | null;
  readonly outboxWaiting: number | null;
  readonly outboxOldestAgeSeconds: number | null;
}

/** Reads the text of a `/metrics`, in Prometheus' format or in OpenMetrics'. What it does not know it passes over. */
export function readFigures(text: string): ProcessFigures {
  const values = new Map<string, number>();
  for (const match of text.matchAll(/^([a-z_]+)(?:\{[^}\n]*\})? (\S+)/gm)) {
    const [, name, value] = match;
    if (name !== undefined && !values.has(name) && Number.isFinite(Number(value))) values.set(name, Number(value));
  }
  const of = (name: string): number | null => values.get(name) ?? null;
  return {
    cpuSecondsTotal: of('process_cpu_seconds_total'),
    residentMemoryBytes: of('process_resident_memory_bytes'),
    heapUsedBytes: of('nodejs_heap_size_used_bytes'),
    eventLoopLagSeconds: of('nodejs_eventloop_lag_seconds'),
    outboxWaiting: of('messaging_outbox_waiting'),
    outboxOldestAgeSeconds: of('messaging_outbox_oldest_age_seconds'),
  };
}

/** CPU counter of a process at an instant (milliseconds of a monotonic clock). */
export interface CpuReading {
  readonly atMs: number;
  readonly cpuSeconds: number;
}

/**
 * Cores in use between two readings. A counter that fell belongs to a process that started anew: all it shows was used since.
 *
 * @returns null without a reading before
 */
export function coresBetween(before: CpuReading | undefined, now: CpuReading): number | null {
  if (before === undefined || now.atMs <= before.atMs) return null;
  const used = now.cpuSeconds >= before.cpuSeconds ? now.cpuSeconds - before.cpuSeconds : now.cpuSeconds;
  return used / ((now.atMs - before.atMs) / 1_000);
}
