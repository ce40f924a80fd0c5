import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../src/embedded/embedded.lock.js';

const script = new URL('./embedded-lock-user.mjs', import.meta.url).pathname;

describe('withLock', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it('lets one call of a process in at a time, and goes on after a failure', async () => {
    let inside = 0;
    const order: number[] = [];
    const take = (index: number): Promise<void> =>
      withLock(join(directory, 'own'), async () => {
        expect(++inside).toBe(1);
        await sleep(5);
        order.push(index);
        inside--;
        if (index === 0) throw new Error('failed inside');
      });
    const results = await Promise.allSettled([0, 1, 2, 3].map(take));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(order.sort()).toEqual([0, 1, 2, 3]);
  });

  it('lets one process in at a time, although holders are killed', async () => {
    const start = (milliseconds: number) => {
      const args = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', script, directory];
      const child = spawn(process.execPath, [...args, String(milliseconds)]);
      const user = { child, said: '', exit: once(child, 'exit') };
      child.stdout.on('data', (chunk: Buffer) => (user.said += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (user.said += chunk.toString()));
      return user;
    };
    const lasting = [start(2_500), start(2_500)];
    const killed = [start(60_000), start(60_000), start(60_000), start(60_000)];
    await sleep(800);
    for (const { child, exit } of killed) {
      child.kill('SIGKILL');
      await exit;
      await sleep(100);
    }
    await Promise.all(lasting.map(({ exit }) => exit));
    for (const { said } of lasting) expect(said).toMatch(/^rounds [1-9]\d*\n$/);
    for (const { said } of killed) expect(said).toBe('');
  });
});
