import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@signalpress/testing';
import type { LogLine } from '@signalpress/testing';

const fixture = fileURLToPath(new URL('../fixtures/library-app.mjs', import.meta.url));
const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

export interface LibraryProcess {
  readonly child: ChildProcess;
  /** Where it listens, once it does. */
  listening(): Promise<string>;
  output(): string;
  errors(): string;
  /** Every line on stdout. @throws SyntaxError when one is not JSON. */
  lines(): LogLine[];
  exited(): Promise<number | null>;
}

/** Starts the fixture application as a process with an environment of its own. */
export function startLibraryProcess(
  env: Record<string, string> = {},
  stdout: 'pipe' | number = 'pipe',
): LibraryProcess {
  if (!existsSync(built)) throw new Error('Build the library first: tsc -b tsconfig.lib.json');
  const child = fork(fixture, { env, execArgv: [], stdio: ['ignore', stdout, 'pipe', 'ipc'] });
  let output = '';
  let errors = '';
  let url: string | undefined;
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.on('message', (message) => {
    url = (message as { url: string }).url;
  });
  const exit = once(child, 'close');
  return {
    child,
    listening: () =>
      waitFor(() => url, { timeoutMs: 60_000, message: () => `the application; it wrote ${output}${errors}` }),
    output: () => output,
    errors: () => errors,
    lines: () =>
      output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LogLine),
    exited: async () => ((await exit) as [number | null])[0],
  };
}
