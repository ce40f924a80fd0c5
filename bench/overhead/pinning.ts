import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Pinning {
  /** The core that the services run on. */
  readonly service: number;
  /** The core of the load and the sink. */
  readonly load: number;
}

/** Puts this process on the second core that it may use, to leave the first to the services; undefined where that cannot be. */
export function pinLoad(): Pinning | undefined {
  const [service, load] = allowedCores();
  if (service === undefined || load === undefined) return undefined;
  const done = spawnSync('taskset', ['-a', '-p', '-c', String(load), String(process.pid)], { stdio: 'ignore' });
  return done.status === 0 ? { service, load } : undefined;
}

/** From `0-3,7`, as the kernel writes it; empty where there is no such file. */
function allowedCores(): number[] {
  let list: string | undefined;
  try {
    list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  } catch {
    list = undefined;
  }
  return (list?.split(',') ?? []).flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
