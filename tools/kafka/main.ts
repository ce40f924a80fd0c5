import { buildProjects } from '../launcher/build.ts';
import { UsageError } from '../launcher/command-line.ts';
import { describeFailure } from '../launcher/failure.ts';
import { parseOptions, usage } from './options.ts';
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
  await buildProjects(['testing']);
  // Loaded late: it imports the library, which a fresh checkout has only just built.
  const { obey } = await import('./broker.ts');
  return obey(options);
}

process.exitCode = await main();
