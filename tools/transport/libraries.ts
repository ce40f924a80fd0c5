import { execa } from 'execa';
import { LaunchError } from '../launcher/failure.ts';
import { workspaceRoot } from '../launcher/workspace.ts';

/** Builds what the commands here import; what is built already comes from the Nx cache. */
export async function buildLibraries(): Promise<void> {
  const projects = '--projects=messaging,persistence,service-defaults';
  const run = await execa('nx', ['run-many', '-t', 'build', projects, '--output-style=static'], {
    cwd: workspaceRoot,
    preferLocal: true,
    all: true,
    reject: false,
    env: { NX_TUI: 'false' },
  });
  if (run.failed) throw new LaunchError(`the build failed:\n${run.all}`);
}
