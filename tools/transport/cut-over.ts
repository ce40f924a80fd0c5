import { buildProjects } from '../launcher/build.ts';
import { UsageError } from '../launcher/command-line.ts';
import { describeFailure } from '../launcher/failure.ts';
import { cutOverUsage, parseCutOver } from './options.ts';

/** Failures whose message is all that whoever typed the command needs. */
const known = ['CutOverError', 'EnvironmentError', 'UnavailableError', 'LaunchError'];

/** @returns the exit code: 0 done, 1 not possible, 2 mistyped */
async function main(): Promise<number> {
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const command = parseCutOver(process.argv.slice(2));
    if (command.command === 'help') {
      process.stdout.write(cutOverUsage);
      return 0;
    }
    await buildProjects(['messaging', 'persistence', 'service-defaults']);
    // Loaded late: it imports the libraries, which a fresh checkout has only just built.
    const { move } = await import('./move.ts');
    await move(command, tell);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`transport:cutover: ${error.message}\n\n${cutOverUsage}`);
      return 2;
    }
    const plain = error instanceof Error && known.includes(error.constructor.name);
    process.stderr.write(`transport:cutover: ${plain ? error.message : describeFailure(error)}\n`);
    return 1;
  }
}

process.exitCode = await main();
