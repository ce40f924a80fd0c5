import { describeFailure } from '../launcher/failure.ts';
import { buildLibraries } from './libraries.ts';

const known = ['EnvironmentError', 'UnavailableError', 'LaunchError'];

/** Creates what topics are missing and prints all of them. @returns the exit code: 0 as declared, 1 less or not possible */
async function main(): Promise<number> {
  try {
    await buildLibraries();
    // Loaded late: they import the libraries, which a fresh checkout has only just built.
    const [{ brokerOf }, { prepareTopics }, { default: Table }] = await Promise.all([
      import('./broker.ts'),
      import('@signalpress/messaging/operations'),
      import('cli-table3'),
    ]);
    const reports = await prepareTopics(brokerOf(process.env));
    const table = new Table({
      head: ['topic', 'partitions', 'replicas', 'retention', 'cleanup', ''],
      style: { head: [] },
    });
    for (const { declared, found, created, warning } of reports) {
      const days = `${declared.retentionMs / 86_400_000} days`;
      const note = warning === undefined ? '' : 'less than declared';
      const state = created ? 'created' : note;
      table.push([declared.topic, found.partitions, found.replicationFactor, days, declared.cleanupPolicy, state]);
    }
    process.stdout.write(`${table.toString()}\n`);
    const warnings = reports.flatMap(({ warning }) => warning ?? []);
    for (const warning of warnings) process.stderr.write(`topics: ${warning}\n`);
    return warnings.length === 0 ? 0 : 1;
  } catch (error) {
    const plain = error instanceof Error && known.includes(error.constructor.name);
    process.stderr.write(`topics: ${plain ? error.message : describeFailure(error)}\n`);
    return 1;
  }
}

process.exitCode = await main();
