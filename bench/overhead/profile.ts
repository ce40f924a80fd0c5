import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closedLoop } from './load.ts';
import { measuredLoad, warmUp } from './measure.ts';
import type { Setting } from './measure.ts';
import { ServiceProcess } from './service-process.ts';
import { preloadOf } from './variants.ts';
import type { Variant } from './variants.ts';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
}

const TOP = 25;

/**
 * Profiles the load of one variant, without its start, and writes a `.cpuprofile` (Chrome and VS Code open it).
 *
 * @returns self time by package or file, and by function, of the time that the process did not wait.
 */
export async function profile(variant: Variant, setting: Setting, file: string): Promise<string> {
  const service = await ServiceProcess.start(variant.entry, {
    environment: { ...variant.environment(setting.addresses), OVERHEAD_PROFILE: file },
    preload: [new URL('service/profile.mjs', import.meta.url).href, ...preloadOf(variant)],
    pinning: setting.pinning,
  });
  const awake = setting.pinning !== undefined;
  try {
    await closedLoop(service.port, warmUp(awake));
    await sleep(500);
    service.tell('profile');
    const cpuBefore = service.cpuMicroseconds();
    const load = await closedLoop(service.port, measuredLoad(setting.seconds, awake));
    const microseconds = (service.cpuMicroseconds() - cpuBefore) / load.requests;
    await service.ask('profiled', 'profiled');
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    const title = `${load.requests} requests, ${microseconds.toFixed(1)} µs of CPU each while profiled`;
    return [`${title}, profile in ${path.relative(process.cwd(), file)}`, '', ...summary(recorded, microseconds)].join(
      '\n',
    );
  } finally {
    await service.kill();
  }
}

/**
 * Samples are counted, not their time: one that was taken when others had the core carries all of theirs.
 *
 * @param microseconds CPU per request, which the shares are shares of.
 */
function summary(recorded: CpuProfile, microseconds: number): string[] {
  const samplesById = new Map<number, number>();
  for (const id of recorded.samples) add(samplesById, id, 1);
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  let total = 0;
  for (const { id, callFrame } of recorded.nodes) {
    const { functionName, url, lineNumber } = callFrame;
    const self = samplesById.get(id) ?? 0;
    // The profiler's own work, most of it when it stops, is no part of the service.
    if (self === 0 || functionName === '(idle)' || url === 'node:inspector') continue;
    const place = placeOf(url);
    add(byPlace, place === '' ? functionName || '(native)' : place.replace(/(\/[^/]+\.[cm]?js)?$/, ''), self);
    add(byFunction, `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`, self);
    total += self;
  }
  const lines = (map: ReadonlyMap<string, number>): string[] =>
    [...map]
      .sort(([, a], [, b]) => b - a)
      .slice(0, TOP)
      .map(([name, self]) => {
        const share = self / total;
        return `${(100 * share).toFixed(1).padStart(5)} %  ${(share * microseconds).toFixed(2).padStart(6)} µs/request  ${name}`;
      });
  return ['self time by place', ...lines(byPlace), '', 'self time by function', ...lines(byFunction)];
}

/** `@opentelemetry/sdk-trace`, `ours/http/http-server.js`, `node:net`; empty for native code. */
function placeOf(url: string): string {
  const installed = url.lastIndexOf('/node_modules/');
  if (installed >= 0) {
    const parts = url.slice(installed + '/node_modules/'.length).split('/');
    const name = parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1).join('/');
    return `${name}/${path.basename(url)}`;
  }
  const built = /\/library-\d+\/dist\/(.*)$/.exec(url)?.[1];
  if (built !== undefined) return `ours/${built}`;
  return url.startsWith('file:') ? `bench/${path.basename(url)}` : url;
}

function add<K>(map: Map<K, number>, key: K, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}
