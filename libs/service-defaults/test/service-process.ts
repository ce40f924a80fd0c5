import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@signalpress/testing';

const fixture = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));
const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly url: string;
  output(): string;
  errors(): string;
  /** Waits until readiness says yes. */
  ready(): Promise<void>;
  /** Exit code, and how long the end took since this call, in milliseconds. */
  exited(): Promise<{ code: number | null; tookMs: number }>;
}

/** Starts the fixture service as a process with an environment of its own. */
export async function startServiceProcess(
  env: Record<string, string>,
  args: readonly string[] = [],
): Promise<ServiceProcess> {
  if (!existsSync(built)) throw new Error('Build the library first: tsc -b tsconfig.lib.json');
  const port = env['PORT'] ?? String(await freePort());
  const child = fork(fixture, args, {
    env: { PORT: port, WORKERS: '1', ...env },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exit = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  return {
    child,
    url,
    output: () => output,
    errors: () => errors,
    ready: async () => {
      await waitFor(async () => (await fetch(`${url}/health/ready`)).ok, {
        timeoutMs: 15_000,
        message: () => `readiness; the process wrote ${output}${errors}`,
      });
    },
    exited: async () => {
      const startedAt = performance.now();
      const [code] = (await exit) as [number | null];
      return { code, tookMs: performance.now() - startedAt };
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
