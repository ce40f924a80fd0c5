import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError, fileError, nodeErrorCode } from './embedded.errors.js';
import { isAlive, thisProcess } from './embedded.processes.js';
import type { ProcessIdentity } from './embedded.processes.js';

const POLL_MS = 20;
const WAIT_MS = 120_000;
/** Removing a stale lock is a few file operations; one that lasts this long was cut off by a crash. */
const REMOVAL_MS = 10_000;

/**
 * Runs `work` while no other process (and no other call of this one) holds the lock file. The file appears with its
 * holder's name in it in one step, and a holder that died is recognised by pid and start time, so a crash blocks nobody.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  const deadline = Date.now() + WAIT_MS;
  while (!tryLock(path, token)) {
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        'start-failed',
        `Another process holds ${path} for too long: end it, or remove the file`,
      );
    }
    removeIfStale(path);
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
  try {
    return await work();
  } finally {
    if (isHeldBy(path, token)) rmSync(path, { force: true });
  }
}

interface Holder extends ProcessIdentity {
  readonly token: string;
}

function tryLock(path: string, token: string): boolean {
  const draft = `${path}.${token}`;
  try {
    writeFileSync(draft, JSON.stringify({ ...thisProcess(), token } satisfies Holder), { mode: 0o600 });
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (nodeErrorCode(error) === 'EEXIST') return false;
    throw fileError(error, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Who holds the lock: nobody when there is no file, unreadable when nobody of ours can have written it. */
function holderOf(path: string): Holder | 'nobody' | 'unreadable' {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isHolder(holder) ? holder : 'unreadable';
  } catch (error) {
    if (nodeErrorCode(error) === 'ENOENT') return 'nobody';
    if (error instanceof SyntaxError) return 'unreadable';
    throw fileError(error, path);
  }
}

const isHolder = (value: unknown): value is Holder =>
  typeof value === 'object' && value !== null && 'pid' in value && 'startedAt' in value && 'token' in value;

const isHeldBy = (path: string, token: string): boolean => {
  const holder = holderOf(path);
  return typeof holder === 'object' && holder.token === token;
};

/** A missing file is not stale: somebody may make it the moment after. */
const isStale = (path: string): boolean => {
  const holder = holderOf(path);
  return holder === 'unreadable' || (holder !== 'nobody' && !isAlive(holder));
};

/**
 * Two processes that see the same stale file must not remove it one after the other: the second would remove the lock that
 * somebody took in between. So the removal has a lock of its own, and the look is repeated under it, without any await.
 */
function removeIfStale(path: string): void {
  if (!isStale(path)) return;
  const removal = `${path}.removal`;
  try {
    writeFileSync(removal, '', { flag: 'wx', mode: 0o600 });
  } catch {
    removeIfOld(removal);
    return;
  }
  try {
    if (isStale(path)) rmSync(path, { force: true });
  } finally {
    rmSync(removal, { force: true });
  }
}

function removeIfOld(path: string): void {
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > REMOVAL_MS) rmSync(path, { force: true });
}
