import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

const POLL_MS = 100;

/**
 * Waits until this process holds the lock file, and returns what gives it back. The file holds its holder's pid from the moment
 * it appears; one whose holder is gone is removed. Synchronous: it blocks the process.
 *
 * @throws Error when another process holds it for longer than `waitMs`.
 */
export function holdLock(file: string, waitMs: number): () => void {
  const deadline = performance.now() + waitMs;
  while (!tryLock(file)) {
    if (performance.now() > deadline) {
      throw new Error(`Another process holds ${file} for too long: end it, or remove the file`);
    }
    const holder = holderOf(file);
    if (holder !== undefined && !exists(holder)) rmSync(file, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  return () => rmSync(file, { force: true });
}

function tryLock(file: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process of this id runs, whoever's it is. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
