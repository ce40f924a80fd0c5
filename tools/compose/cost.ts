import { readFileSync, readdirSync } from 'node:fs';
import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import type { Containers } from './containers.ts';

/** What one service has used. */
export interface Usage {
  /** Seconds on a CPU since its start, by the kernel's scheduler, of the threads that live. */
  readonly cpuSeconds: number;
  /** Resident memory, and the share of it when pages that others use too are divided among them. Bytes. */
  readonly rss: number;
  readonly pss: number;
}

export type Usages = Readonly<Record<ServiceName, Usage>>;

export async function usageOf(containers: Containers): Promise<Usages> {
  const entries = await Promise.all(
    serviceNames.map(async (name) => [name, usageOfProcess(await containers.pid(name))] as const),
  );
  return Object.fromEntries(entries) as Record<ServiceName, Usage>;
}

function usageOfProcess(pid: number): Usage {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]);
  return { cpuSeconds: nanoseconds / 1e9, rss: kilobytes('Rss') * 1_024, pss: kilobytes('Pss') * 1_024 };
}

/** A Markdown table of what `signals` signals cost between two looks. */
export function costTable(before: Usages, after: Usages, signals: number): string {
  const rows = serviceNames.map((name) => {
    const perSignal = ((after[name].cpuSeconds - before[name].cpuSeconds) / signals) * 1_000;
    const megabytes = [before[name].pss, after[name].rss, after[name].pss].map((bytes) => (bytes / 1e6).toFixed(0));
    return `| ${name} | ${perSignal.toFixed(1)} | ${megabytes.join(' | ')} |`;
  });
  return [
    '| service | CPU ms per signal | PSS before, MB | RSS after, MB | PSS after, MB |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}
