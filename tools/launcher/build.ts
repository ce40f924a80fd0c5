import { execa } from 'execa';
import { LaunchError } from './failure.ts';
import { workspaceRoot } from './workspace.ts';

/** What a failed build is shown of. */
const lastLines = 40;

/** Builds the services, what they need, and `more`; what is built already comes from the Nx cache. */
export function build(
  onLine: (line: string) => void,
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<void> {
  return buildProjects(['tag:type:service', ...more], { onLine, signal });
}

/** Builds these projects and what they need. @throws LaunchError with the end of what the build said */
export async function buildProjects(
  projects: readonly string[],
  { onLine, signal }: { readonly onLine?: (line: string) => void; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const run = execa('nx', ['run-many', '-t', 'build', `--projects=${projects.join(',')}`, '--output-style=static'], {
    cwd: workspaceRoot,
    preferLocal: true,
    all: true,
    reject: false,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    env: { NX_TUI: 'false', FORCE_COLOR: '0' },
  });
  for await (const line of run.iterable({ from: 'all' })) onLine?.(line);
  const result = await run;
  if (result.failed && !result.isCanceled) {
    throw new LaunchError(`the build failed:\n${result.all.split('\n').slice(-lastLines).join('\n')}`);
  }
}
