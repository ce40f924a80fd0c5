import { setTimeout as sleep } from 'node:timers/promises';
import { closedLoop } from './load.ts';
import type { LoadPlan } from './load.ts';
import type { Pinning } from './pinning.ts';
import { ServiceProcess } from './service-process.ts';
import type { CountingSink } from './sink.ts';
import { preloadOf } from './variants.ts';
import type { Addresses, Variant } from './variants.ts';

export interface Setting {
  readonly sink: CountingSink;
  readonly addresses: Addresses;
  readonly pinning: Pinning | undefined;
  /** Length of the measured load. */
  readonly seconds: number;
}

/** One run of one variant. */
export interface Sample {
  /** CPU of the whole process over load and flush, per request of the load. */
  readonly microsecondsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly residentMegabytes: number;
  readonly bootSeconds: number;
  /** Share of the load's time that the process had the CPU: far below 1, something else was the limit. */
  readonly busy: number;
  readonly requests: number;
  readonly spansReceived: number;
  /** Undefined where a sampler decides. */
  readonly spansDropped: number | undefined;
}

export const MEASURED_PATH = '/ideas/42';
const route = { path: MEASURED_PATH, connections: 16 };

/** Enough for the compiler, however little of its core the service gets. */
export const warmUp = (awake: boolean): LoadPlan => ({ ...route, seconds: 2, atLeast: 20_000, awake });

export const measuredLoad = (seconds: number, awake: boolean): LoadPlan => ({
  ...route,
  seconds,
  atLeast: 10_000,
  awake,
});

/** Longer than the delay of any batch here, so that the warm-up's spans are not sent at the expense of the load. */
const SETTLE_MS = 1_200;

/** Starts the variant, warms it up, measures it under a closed loop, and lets it send everything it has. */
export async function measure(variant: Variant, setting: Setting): Promise<Sample> {
  const before = setting.sink.received.spans;
  const service = await ServiceProcess.start(variant.entry, {
    environment: variant.environment(setting.addresses),
    preload: preloadOf(variant),
    pinning: setting.pinning,
  });
  const awake = setting.pinning !== undefined;
  try {
    const warming = await closedLoop(service.port, warmUp(awake));
    await sleep(SETTLE_MS);
    const cpuBefore = service.cpuMicroseconds();
    const load = await closedLoop(service.port, measuredLoad(setting.seconds, awake));
    const cpuOfLoad = service.cpuMicroseconds() - cpuBefore;
    const residentMegabytes = service.residentMegabytes();
    await service.finish();
    const cpu = service.cpuMicroseconds() - cpuBefore;
    const requests = warming.requests + load.requests;
    const spansReceived = setting.sink.received.spans - before - (variant.claims.spansAtStart ?? 0);
    assertLines(variant, service, requests);
    return {
      microsecondsPerRequest: cpu / load.requests,
      requestsPerSecond: load.requests / load.seconds,
      residentMegabytes,
      bootSeconds: service.bootSeconds,
      busy: cpuOfLoad / (load.seconds * 1e6),
      requests,
      spansReceived,
      spansDropped: variant.claims.sampled === undefined ? requests * variant.claims.spans - spansReceived : undefined,
    };
  } finally {
    await service.kill();
  }
}

function assertLines(variant: Variant, service: ServiceProcess, requests: number): void {
  const lines = service.linesWith(MEASURED_PATH);
  const expected = requests * variant.claims.logLines;
  if (lines !== expected) throw new Error(`${variant.name}: ${lines} request lines instead of ${expected}`);
}
