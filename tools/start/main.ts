import { build } from '../launcher/build.ts';
import { describeFailure } from '../launcher/failure.ts';
import { parseOptions, usage } from './options.ts';
import type { StartOptions } from './options.ts';
import { isLive, runSteps } from './screen.ts';

/** @returns the exit code. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort());
  await buildServices(options, stop.signal);
  if (stop.signal.aborted) return 0;
  // Loaded late: it imports packages of this workspace, which a fresh checkout has only just built.
  const { runSession } = await import('./session.ts');
  return runSession(options, stop);
}

async function buildServices(options: StartOptions, signal: AbortSignal): Promise<void> {
  const step = {
    title: 'Build',
    run: async (say: (text: string) => void): Promise<string> => {
      await build((line) => {
        if (line.includes('nx run ')) say(line.trim());
      }, signal);
      return 'up to date';
    },
  };
  await runSteps([step], isLive(options));
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`signalpress: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
