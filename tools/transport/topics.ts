import { buildProjects } from '../launcher/build.ts';
import { describeFailure } from '../launcher/failure.ts';

/** Failures whose message is all that whoever typed the command needs. */
const known = ['EnvironmentError', 'UnavailableError', 'LaunchError'];

/** Creates what topics are missing and prints all of them. @returns the exit code: 0 as declared, 1 less or not possible */
async function main(): Promise<number> {
  try {
    await buildProjects(['messaging', 'persistence', 'service-defaults']);
    // Loaded late: it imports the libraries, which a fresh checkout has only just built.
    const { topicTable } = await import('./topic-table.ts');
    const { text, warnings } = await topicTable(process.env);
    process.stdout.write(`${text}\n`);
    for (const warning of warnings) process.stderr.write(`topics: ${warning}\n`);
    return warnings.length === 0 ? 0 : 1;
  } catch (error) {
    const plain = error instanceof Error && known.includes(error.constructor.name);
    process.stderr.write(`topics: ${plain ? error.message : describeFailure(error)}\n`);
    return 1;
  }
}

process.exitCode = await main();
