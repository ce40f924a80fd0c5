import { build } from '../launcher/build.ts';
import { describeFailure } from '../launcher/failure.ts';
import { parseOptions, usage } from './options.ts';

/** @returns the exit code. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  await build(() => undefined, stop.signal, ['testing']);
  // Loaded late: it imports packages of this workspace, which a fresh checkout has only just built.
  const { runDrills } = await import('./drills.ts');
  return runDrills(options, stop.signal);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`drill: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
