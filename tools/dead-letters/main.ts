import { UsageError } from '../launcher/command-line.ts';
import { RequestError, ask } from './client.ts';
import { parseOptions, usage } from './options.ts';
import { render } from './render.ts';

/** @returns the exit code: 0 done, 1 refused or not reachable, 2 mistyped */
async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    process.stdout.write(options.command === 'help' ? usage : `${render(options, await ask(options))}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`dead-letters: ${error.message}\n\n${usage}`);
      return 2;
    }
    if (!(error instanceof RequestError)) throw error;
    process.stderr.write(`dead-letters: ${error.message}\n`);
    return 1;
  }
}

process.exitCode = await main();
