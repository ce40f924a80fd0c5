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
  readonly timeDeltas: readonly number[];
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
  try {
    await closedLoop(service.port, warmUp);
    await sleep(500);
    service.tell('profile');
    const load = await closedLoop(service.port, measuredLoad(setting.seconds));
    await service.ask('profiled', 'profiled');
    return summary(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile, load.requests, file);
  } finally {
    await service.kill();
  }
}

function summary(recorded: CpuProfile, requests: number, file: string): string {
  const selfById = new Map<number, number>();
  recorded.samples.forEach((id, index) => {
    selfById.set(id, (selfById.get(id) ?? 0) + (recorded.timeDeltas[index] ?? 0));
  });
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  for (const { id, callFrame } of recorded.nodes) {
    const self = selfById.get(id) ?? 0;
    // The profiler's own work, most of it when it stops, is no part of the service.
    if (self === 0 || callFrame.functionName === '(idle)' || callFrame.url === 'node:inspector') continue;
    const place = placeOf(callFrame.url);
    add(byPlace, place === '' ? callFrame.functionName || '(native)' : place.replace(/(\/[^/]+\.js)?$/, ''), self);
    add(byFunction, `${callFrame.functionName || '(anonymous)'} ${place}:${callFrame.lineNumber + 1}`, self);
  }
  const total = [...byFunction.values()].reduce((sum, one) => sum + one, 0);
  const lines = (map: ReadonlyMap<string, number>): string[] =>
    [...map]
      .sort(([, a], [, b]) => b - a)
      .slice(0, TOP)
      .map(
        ([name, self]) =>
          `${((100 * self) / total).toFixed(1).padStart(5)} %  ${(self / requests).toFixed(2).padStart(6)} µs/request  ${name}`,
      );
  return [
    `${requests} requests, ${(total / requests).toFixed(1)} µs each, profile in ${path.relative(process.cwd(), file)}`,
    '',
    'by place',
    ...lines(byPlace),
    '',
    'by function',
    ...lines(byFunction),
  ].join('\n');
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

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}
