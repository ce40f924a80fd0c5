import { execa } from 'execa';
import { LaunchError, describeFailure } from '../launcher/failure.ts';
import { workspaceRoot } from '../launcher/workspace.ts';
import { UsageError, parseOptions, usage } from './options.ts';
import type { Options } from './options.ts';

/** @returns the exit code: 0 done, 1 not possible, 2 mistyped */
async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    process.stdout.write(options.command === 'help' ? usage : `${await run(options)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`kafka: ${error.message}\n\n${usage}`);
      return 2;
    }
    const known = error instanceof Error && error.name === 'KafkaUnavailableError';
    process.stderr.write(`kafka: ${known ? error.message : describeFailure(error)}\n`);
    return 1;
  }
}

async function run(options: Options): Promise<string> {
  await buildLibrary();
  // Loaded late: it imports the library, which a fresh checkout has only just built.
  const { obey } = await import('./broker.ts');
  return obey(options);
}

async function buildLibrary(): Promise<void> {
  const build = await execa('nx', ['run', 'testing:build', '--output-style=static'], {
    cwd: workspaceRoot,
    preferLocal: true,
    all: true,
    reject: false,
    env: { NX_TUI: 'false' },
  });
  if (build.failed) throw new LaunchError(`the build failed:\n${build.all}`);
}

process.exitCode = await main();
