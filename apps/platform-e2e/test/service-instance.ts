import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { ServiceName } from '@signalpress/contracts';
import { waitFor } from '@signalpress/testing';
import { workspaceRoot } from './platform.js';
import type { Start } from './platform.js';

/** The process of a service that `npm start` runs. */
export function pidOf(service: ServiceName, start: Start): number {
  const { pid } = start.child;
  const folder = path.join(workspaceRoot, 'apps', service);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const found = children.find((child) => readlinkSync(`/proc/${child}/cwd`) === folder);
  if (found === undefined) throw new Error(`${service} is no child of npm start`);
  return found;
}

/** A second instance of a service, which may be killed: `npm start` would end with one of its own. */
export class ServiceInstance {
  private child: ChildProcess | undefined;
  private readonly environment: Record<string, string>;

  constructor(
    private readonly service: ServiceName,
    start: Start,
    readonly port: number,
  ) {
    const environment = readFileSync(`/proc/${pidOf(service, start)}/environ`, 'utf8')
      .split('\0')
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const)
      // The launcher's line to its child is not for this one.
      .filter(([name]) => !name.startsWith('NODE_CHANNEL_'));
    this.environment = { ...Object.fromEntries(environment), PORT: String(port) };
  }

  async start(): Promise<void> {
    this.child = spawn(process.execPath, ['dist/main.js'], {
      cwd: path.join(workspaceRoot, 'apps', this.service),
      env: this.environment,
      stdio: 'ignore',
    });
    await waitFor(async () => (await fetch(`http://127.0.0.1:${this.port}/health/ready`)).ok, {
      timeoutMs: 60_000,
      intervalMs: 200,
      message: `a second ${this.service}`,
    });
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
