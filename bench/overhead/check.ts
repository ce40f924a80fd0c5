import { setTimeout as sleep } from 'node:timers/promises';
import { sendExactly } from './load.ts';
import { MEASURED_PATH } from './measure.ts';
import type { Setting } from './measure.ts';
import { ServiceProcess } from './service-process.ts';
import { preloadOf } from './variants.ts';
import type { Variant } from './variants.ts';

const REQUESTS = 50;
const SENTRY_DEADLINE_MS = 5_000;

/**
 * Runs the variant twice, briefly, and compares what it does with what it claims.
 *
 * @throws Error that says what is missing: a variant that does less than it says is cheap for the wrong reason.
 */
export async function check(variant: Variant, setting: Setting): Promise<void> {
  await withService(variant, setting, (service) => checkTelemetry(variant, setting, service));
  const { metric, sentry, health } = variant.claims;
  if (metric ?? sentry ?? health) {
    await withService(variant, setting, (service) => checkRoutes(variant, setting, service));
  }
}

async function checkTelemetry(variant: Variant, setting: Setting, service: ServiceProcess): Promise<void> {
  const before = setting.sink.received.spans;
  await sendExactly(service.port, MEASURED_PATH, REQUESTS);
  await service.finish();
  const spans = setting.sink.received.spans - before;
  const { claims } = variant;
  if (claims.sampled === undefined)
    expectEqual(variant, 'spans', spans, REQUESTS * claims.spans + (claims.spansAtStart ?? 0));
  expectEqual(variant, 'request lines', service.linesWith(MEASURED_PATH), REQUESTS * claims.logLines);
  const { copies } = await service.ask('copies', 'copies');
  for (const [name, places] of Object.entries(copies as Record<string, string[]>)) {
    if (places.length > 1) throw new Error(`${variant.name}: ${name} is loaded from ${places.join(' and ')}`);
  }
}

async function checkRoutes(variant: Variant, setting: Setting, service: ServiceProcess): Promise<void> {
  const { metric, sentry, health } = variant.claims;
  const at = `http://127.0.0.1:${service.port}`;
  if (metric !== undefined) {
    await sendExactly(service.port, MEASURED_PATH, REQUESTS);
    expectEqual(variant, metric, counted(await (await fetch(`${at}/metrics`)).text(), metric), REQUESTS);
  }
  if (health !== undefined) expectEqual(variant, health, await statusOf(`${at}${health}`), 200);
  if (sentry) {
    const before = setting.sink.received.errors;
    expectEqual(variant, 'the failing route', await statusOf(`${at}/ideas/failing`), 500);
    const until = performance.now() + SENTRY_DEADLINE_MS;
    while (setting.sink.received.errors === before && performance.now() < until) await sleep(20);
    expectEqual(variant, 'errors at Sentry', setting.sink.received.errors - before, 1);
  }
}

async function withService(
  variant: Variant,
  setting: Setting,
  use: (service: ServiceProcess) => Promise<void>,
): Promise<void> {
  const service = await ServiceProcess.start(variant.entry, {
    environment: variant.environment(setting.addresses),
    preload: [new URL('service/copies.mjs', import.meta.url).href, ...preloadOf(variant)],
    pinning: setting.pinning,
  });
  try {
    await use(service);
  } finally {
    await service.kill();
  }
}

/** Sum of the series of this name in the Prometheus text format. */
function counted(exposition: string, metric: string): number {
  return exposition
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .reduce((sum, line) => sum + Number(/\} (\S+)|^\S+ (\S+)$/.exec(line)?.slice(1).find(Boolean)), 0);
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

function expectEqual(variant: Variant, what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${variant.name}: ${what}: ${actual} instead of ${expected}`);
}
