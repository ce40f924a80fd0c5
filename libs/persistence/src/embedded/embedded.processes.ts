import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { nodeErrorCode } from './embedded.errors.js';

/** A process named so that a later process with the same pid is not mistaken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for the same process only. Empty where the platform does not tell. */
  readonly startedAt: string;
}

export const thisProcess = (): ProcessIdentity => ({ pid: process.pid, startedAt: startOf(process.pid) });

/** Whether the pid is that of a process that runs, whoever's it is. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that ended and that nobody waited for (a container without an init) keeps its pid.
    return !(process.platform === 'linux' && linuxStat(pid)[0] === 'Z');
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return nodeErrorCode(error) === 'EPERM';
  }
}

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  if (!pidExists(pid)) return false;
  const now = startOf(pid);
  // Unknown on one side: better to wait for a process that is gone than to stop a server that is used.
  return now === '' || startedAt === '' || now === startedAt;
}

function startOf(pid: number): string {
  // Field 22: clock ticks from boot to start.
  return process.platform === 'linux' ? (linuxStat(pid)[19] ?? '') : psStart(pid);
}

/** /proc/<pid>/stat from its third field (the state) on; the name before it may hold spaces and brackets. */
function linuxStat(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function psStart(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

/** The name of the program a pid runs, '' if there is no telling. */
export function programOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
