import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isAlive, thisProcess } from './embedded.processes.js';
import type { ProcessIdentity } from './embedded.processes.js';

/** A note that a process uses the server: one file each, removed by its owner, or by anybody once the owner is gone. */
export interface Lease extends ProcessIdentity {
  readonly owner: string;
  readonly file: string;
}

/** Every function here is called under the server's lock. */
export class Leases {
  constructor(private readonly directory: string) {}

  async add(owner: string): Promise<Lease> {
    await mkdir(this.directory, { recursive: true, mode: 0o755 });
    const lease: Lease = { ...thisProcess(), owner, file: `${process.pid}-${randomUUID()}.json` };
    await writeFile(join(this.directory, lease.file), JSON.stringify(lease), { mode: 0o644 });
    return lease;
  }

  async remove(lease: Lease): Promise<void> {
    await rm(join(this.directory, lease.file), { force: true });
  }

  /** Removes the leases of processes that are gone and returns the others. */
  async prune(): Promise<Lease[]> {
    const files = await readdir(this.directory).catch((): string[] => []);
    const live: Lease[] = [];
    for (const file of files) {
      const lease = await this.read(file);
      if (lease !== undefined && isAlive(lease)) live.push({ ...lease, file });
      else await rm(join(this.directory, file), { force: true });
    }
    return live;
  }

  private async read(file: string): Promise<Lease | undefined> {
    try {
      const lease: unknown = JSON.parse(await readFile(join(this.directory, file), 'utf8'));
      return isLease(lease) ? lease : undefined;
    } catch {
      // Half written by a process that died, or removed just now: no lease either way.
      return undefined;
    }
  }
}

const isLease = (value: unknown): value is Lease =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  'startedAt' in value &&
  typeof value.pid === 'number';
