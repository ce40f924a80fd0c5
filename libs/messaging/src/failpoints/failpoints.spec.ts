import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { Failpoints, failpointNames } from './failpoints.js';
import type { FailpointName } from './failpoints.js';

describe('failpoints', () => {
  it('does nothing unless armed', () => {
    const hit: FailpointName[] = [];
    const unarmed = new Failpoints(undefined, (name) => hit.push(name));
    const other = new Failpoints({ 'relay.after-append': 0 }, (name) => hit.push(name));
    for (const name of failpointNames) {
      unarmed.hit(name);
      other.hit(name);
    }
    expect(hit).toEqual([]);
  });

  it('hits the armed one, about as often as asked for', () => {
    const hit: FailpointName[] = [];
    const failpoints = new Failpoints({ 'consumer.after-commit': 0.5 }, (name) => hit.push(name));
    for (let pass = 0; pass < 1_000; pass++) for (const name of failpointNames) failpoints.hit(name);
    expect(new Set(hit)).toEqual(new Set(['consumer.after-commit']));
    expect(hit.length).toBeGreaterThan(350);
    expect(hit.length).toBeLessThan(650);
  });

  it('names itself and kills the process, which does nothing more', () => {
    const script = `
      import { Failpoints } from ${JSON.stringify(new URL('./failpoints.ts', import.meta.url).href)};
      new Failpoints({ 'worker.after-run': 1 }).hit('worker.after-run');
      process.stdout.write('still here');`;
    const { signal, stderr, stdout } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
      {
        encoding: 'utf8',
        env: {},
      },
    );
    expect({ signal, stderr, stdout }).toEqual({
      signal: 'SIGKILL',
      stderr: 'failpoint worker.after-run: this process kills itself\n',
      stdout: '',
    });
  });
});
