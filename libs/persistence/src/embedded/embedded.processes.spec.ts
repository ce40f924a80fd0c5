import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAlive, pidExists, programOf, thisProcess } from './embedded.processes.js';

describe('processes', () => {
  it('are known by pid and start time', () => {
    const me = thisProcess();
    expect(me.startedAt).not.toBe('');
    expect(isAlive(me)).toBe(true);
    expect(isAlive({ ...me, startedAt: 'another' })).toBe(false);
    expect(programOf(me.pid)).not.toBe('');
  });

  it('are gone when they ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const pid = child.pid!;
    expect(pidExists(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(pidExists(pid)).toBe(false);
    expect(isAlive({ pid, startedAt: '' })).toBe(false);
    expect(programOf(pid)).toBe('');
  });

  it('are not alive when they ended and nobody waited for them', async () => {
    if (process.platform !== 'linux') return;
    // The shell becomes a program that never waits for its child, before the child ends: a shell might still reap it.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60']);
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    const deadline = Date.now() + 5_000;
    while (pidExists(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(pidExists(pid)).toBe(false);
    expect(() => process.kill(pid, 0)).not.toThrow();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});
