import { execa } from 'execa';
import { LaunchError } from './failure.ts';
import { workspaceRoot } from './workspace.ts';

/** Builds the services, what they need, and `more`; what is built already comes from the Nx cache. */
export async function build(
  onLine: (line: string) => void,
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<void> {
  const projects = ['tag:type:service', ...more].join(',');
  const run = execa('nx', ['run-many', '-t', 'build', `--projects=${projects}`, '--output-style=static'], {
    cwd: workspaceRoot,
    preferLocal: true,
    all: true,
    reject: false,
    cancelSignal: signal,
    env: { NX_TUI: 'false', FORCE_COLOR: '0' },
  });
  for await (const line of run.iterable({ from: 'all' })) onLine(line);
  const result = await run;
  if (result.failed && !result.isCanceled) {
    throw new LaunchError(`the build failed:\n${result.all.split('\n').slice(-40).join('\n')}`);
  }
}
